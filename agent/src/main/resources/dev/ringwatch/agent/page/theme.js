// Before anything is painted: the colours that the reader chose, if not those of the system.
try {
    const chosen = localStorage.getItem("ringwatch-theme");
    if (chosen === "light" || chosen === "dark") {
        document.documentElement.dataset.theme = chosen;
    }
} catch {
    // Storage may be refused; then the system's colours hold.
}
