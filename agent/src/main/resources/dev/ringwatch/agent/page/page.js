// Keeps a page up to date and makes it handier. The server's HTML says everything; without this
// script a page is whole, only not live.

const LATE_AFTER_MISSES = 2;
const PATIENCE_MILLIS = 10_000;

/* ---------- the colours ---------- */

const THEMES = ["auto", "light", "dark"];

function setUpTheme() {
    const button = document.getElementById("theme");
    const root = document.documentElement;
    const show = () => {
        button.textContent = `Theme: ${root.dataset.theme ?? "auto"}`;
    };
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
        const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
        if (next === "auto") {
            delete root.dataset.theme;
        } else {
            root.dataset.theme = next;
        }
        try {
            localStorage.setItem("ringwatch-theme", next);
        } catch {
            // Storage may be refused; then the choice holds for this page.
        }
        show();
        document.dispatchEvent(new Event("colours"));
    });
}

/* ---------- tables that sort ---------- */

/** By table, what it is sorted by; kept when the table is replaced. */
const orders = new Map();

function value(row, column) {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
}

function compare(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function sort(table) {
    const order = orders.get(table.id);
    if (!order) {
        return;
    }
    const body = table.tBodies[0];
    const sign = order.descending ? -1 : 1;
    const rows = [...body.rows].sort(
        (a, b) => sign * compare(value(a, order.column), value(b, order.column)));
    body.append(...rows);
    [...table.tHead.rows[0].cells].forEach((head, i) => {
        if (i === order.column) {
            head.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
        } else {
            head.removeAttribute("aria-sort");
        }
    });
}

function setUpTable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.id = `${table.id}-by-${column}`;
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.addEventListener("click", () => {
            const before = orders.get(table.id);
            const numbers = head.classList.contains("n");
            orders.set(table.id, {
                column,
                descending: before?.column === column ? !before.descending : numbers,
            });
            sort(table);
        });
    });
    sort(table);
}

/* ---------- the drawing ---------- */

/** What is reached from a box along the arrows, itself included. */
function reached(from, arrows) {
    const seen = new Set([from]);
    for (const box of seen) {
        arrows.filter((a) => a.dataset.from === box).forEach((a) => seen.add(a.dataset.to));
    }
    return seen;
}

function setUpDrawing(drawing) {
    const svg = drawing.querySelector("svg");
    const nodes = [...svg.querySelectorAll(".node")];
    const arrows = [...svg.querySelectorAll(".arrow")];
    svg.setAttribute("role", "group");
    const show = (chosen) => {
        const lit = chosen === undefined ? undefined : reached(chosen.dataset.box, arrows);
        nodes.forEach((n) => {
            n.classList.toggle("dimmed", lit !== undefined && !lit.has(n.dataset.box));
            n.setAttribute("aria-pressed", String(n === chosen));
        });
        arrows.forEach((a) => a.classList.toggle("dimmed", lit !== undefined && !lit.has(a.dataset.from)));
    };
    nodes.forEach((node) => {
        const words = [...node.querySelectorAll("text")].map((t) => t.textContent).join(", ");
        node.setAttribute("role", "button");
        node.setAttribute("tabindex", "0");
        node.setAttribute("aria-pressed", "false");
        node.setAttribute("aria-label", `${words}: show what it holds`);
        const toggle = () => show(node.getAttribute("aria-pressed") === "true" ? undefined : node);
        node.addEventListener("click", toggle);
        node.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === " ") {
                event.preventDefault();
                toggle();
            } else if (event.key === "Escape") {
                show(undefined);
            }
        });
    });
    addTools(drawing, svg);
}

/** A drawing that is wider than the window is made to fit; it can be had in its own size, too. */
function addTools(drawing, svg) {
    if (Number(svg.getAttribute("width")) <= drawing.clientWidth) {
        return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Full size";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
        const large = drawing.classList.toggle("large");
        button.setAttribute("aria-pressed", String(large));
    });
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(button);
    drawing.after(tools);
    drawing.tabIndex = 0;
}

/* ---------- parts ---------- */

/** Makes what the server sent handier: at the start, and whenever a part was replaced. */
function enhance(part) {
    part.querySelectorAll("table[data-sortable]").forEach(setUpTable);
    part.querySelectorAll(".drawing").forEach(setUpDrawing);
}

/** By part, the HTML that the server sent last: what is shown has been worked on since. */
const sent = new Map();

function parts(root) {
    return [...root.querySelectorAll("[data-part]")];
}

/** Which element of its part has the focus: the same of those alike has it when all are replaced. */
function focusedIn(part) {
    const focused = document.activeElement;
    if (!focused || focused === part || !part.contains(focused)) {
        return undefined;
    }
    const selector = focused.id
        ? `#${CSS.escape(focused.id)}`
        : focused.dataset.box
          ? `[data-box="${CSS.escape(focused.dataset.box)}"]`
          : focused.getAttribute("href")
            ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]`
            : focused.localName;
    return { selector, index: [...part.querySelectorAll(selector)].indexOf(focused) };
}

function press(button) {
    button?.dispatchEvent(new MouseEvent("click"));
}

/** Puts what the server sent now in the place of what it sent before; the reader notices only that. */
function replace(part, fresh) {
    const focus = focusedIn(part);
    const open = new Set([...part.querySelectorAll("details[open][id]")].map((d) => d.id));
    const scrolls = [...part.querySelectorAll(".scroll, .drawing")].map((s) => [s.scrollLeft, s.scrollTop]);
    const chosen = part.querySelector(".node[aria-pressed='true']")?.dataset.box;
    const large = part.querySelector(".drawing.large") !== null;
    part.className = fresh.className;
    part.replaceChildren(...fresh.childNodes);
    part.querySelectorAll("details[id]").forEach((d) => {
        d.open = open.has(d.id);
    });
    enhance(part);
    if (chosen) {
        press(part.querySelector(`[data-box="${CSS.escape(chosen)}"]`));
    }
    if (large) {
        press(part.querySelector(".tools button"));
    }
    [...part.querySelectorAll(".scroll, .drawing")].forEach((s, i) => {
        [s.scrollLeft, s.scrollTop] = scrolls[i] ?? [0, 0];
    });
    if (focus) {
        const again = part.querySelectorAll(focus.selector)[focus.index];
        (again ?? document.getElementById("main")).focus({ preventScroll: true });
    }
}

/* ---------- charts ---------- */

const MOST_LINES = 5;
const PLOT_HEIGHT = 96;

/** Seconds: over less than that, times are told with theirs. */
const BRIEF = 240;

/** A colour of the style sheet as a canvas takes it: the two of light and dark are resolved. */
function colour(name) {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
}

const probe = document.createElement("span");
probe.hidden = true;

function peak(series) {
    return Math.max(0, ...series.filter((n) => n !== null));
}

/** The groups that held most of anything, and no more than can be told apart. */
function largest(history, figures) {
    const weight = (group) => Math.max(...figures.map((f) => peak(group[f])));
    return [...history.groups]
        .map((group) => ({ group, weight: weight(group) }))
        .filter((g) => g.weight > 0)
        .sort((a, b) => b.weight - a.weight || a.group.group.localeCompare(b.group.group))
        .slice(0, MOST_LINES)
        .map((g) => g.group);
}

class Growth {
    constructor(section) {
        this.section = section;
        this.figures = [...section.querySelectorAll("figure.chart")].map((element) => ({
            element,
            key: element.dataset.figure,
            plot: element.querySelector(".plot"),
        }));
        /** By group, its colour: it keeps it as long as it is shown. */
        this.places = new Map();
        this.hidden = new Set();
        this.groups = [];
        this.legend = document.createElement("ul");
        this.legend.className = "legend";
        this.legend.hidden = true;
        this.legend.setAttribute("aria-label", "Lines in the charts");
        section.querySelector(".charts").before(this.legend);
        this.sizes = new ResizeObserver((entries) => entries.forEach((e) => this.resize(e.target)));
        this.ended = new AbortController();
        const { signal } = this.ended;
        document.addEventListener("colours", () => this.redraw(), { signal });
        matchMedia("(prefers-color-scheme: dark)").addEventListener(
            "change", () => this.redraw(), { signal });
    }

    /** Without an answer the lines stay as they are; that the agent is silent is said elsewhere. */
    async load() {
        try {
            const response = await fetch(this.section.dataset.history, {
                signal: AbortSignal.timeout(PATIENCE_MILLIS),
            });
            const history = response.ok ? await response.json() : undefined;
            if (history && !this.ended.signal.aborted) {
                this.show(history);
            }
        } catch (e) {
            console.warn("the history cannot be shown", e);
        }
    }

    end() {
        this.ended.abort();
        this.sizes.disconnect();
        this.figures.forEach((f) => f.chart?.destroy());
    }

    show(history) {
        if (history.times.length < 2) {
            return;
        }
        this.history = history;
        const chosen = history.groups.length > 1 ? largest(history, this.figures.map((f) => f.key)) : [];
        const names = chosen.map((g) => g.group);
        if (names.join("\n") !== this.groups.map((g) => g.group).join("\n")) {
            this.place(names);
            this.groups = chosen.sort((a, b) => this.places.get(a.group) - this.places.get(b.group));
            this.showLegend();
            this.figures.forEach((f) => this.forget(f));
        }
        this.groups = this.groups.map((g) => chosen.find((c) => c.group === g.group) ?? g);
        this.figures.forEach((f) => this.draw(f));
    }

    place(names) {
        [...this.places.keys()].filter((n) => !names.includes(n)).forEach((n) => this.places.delete(n));
        for (const name of names) {
            if (!this.places.has(name)) {
                const taken = new Set(this.places.values());
                let free = 1;
                while (taken.has(free)) {
                    free += 1;
                }
                this.places.set(name, free);
            }
        }
    }

    showLegend() {
        const entries = [["The whole machine", 0], ...this.groups.map((g) => [g.group, this.places.get(g.group)])];
        this.legend.hidden = this.groups.length === 0;
        this.legend.replaceChildren(...entries.map(([name, place], i) => {
            const button = document.createElement("button");
            button.type = "button";
            button.className = `swatch-${place}`;
            button.textContent = name;
            button.setAttribute("aria-pressed", String(!this.hidden.has(name)));
            button.addEventListener("click", () => {
                const isShown = this.hidden.delete(name);
                if (!isShown) {
                    this.hidden.add(name);
                }
                button.setAttribute("aria-pressed", String(isShown));
                this.figures.forEach((f) => f.chart?.setSeries(i + 1, { show: isShown }));
            });
            const item = document.createElement("li");
            item.append(button);
            return item;
        }));
    }

    forget(figure) {
        if (figure.chart) {
            this.sizes.unobserve(figure.plot);
            figure.chart.destroy();
            figure.chart = undefined;
        }
    }

    data(figure) {
        return [
            this.history.times,
            this.history.total[figure.key],
            ...this.groups.map((g) => g[figure.key]),
        ];
    }

    draw(figure) {
        if (figure.chart) {
            figure.chart.setData(this.data(figure));
            return;
        }
        figure.plot.replaceChildren();
        figure.chart = new uPlot(this.options(figure), this.data(figure), figure.plot);
        this.sizes.observe(figure.plot);
    }

    options(figure) {
        const line = (name, place) => ({
            label: name,
            show: !this.hidden.has(name),
            stroke: () => colour(`series-${place}`),
            width: place === 0 ? 2 : 1.5,
            points: { show: false },
        });
        const axis = {
            stroke: () => colour("ink-soft"),
            font: "11px system-ui, sans-serif",
            ticks: { show: false },
        };
        const tip = document.createElement("div");
        tip.className = "tip";
        tip.hidden = true;
        return {
            width: Math.max(80, figure.plot.clientWidth),
            height: PLOT_HEIGHT,
            legend: { show: false },
            cursor: { sync: { key: "growth" }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
            padding: [6, 24, 0, 0],
            scales: { y: { range: (u, least, most) => [0, Math.max(1, most ?? 1) * 1.05] } },
            axes: [
                {
                    ...axis,
                    size: 20,
                    space: 62,
                    gap: 3,
                    grid: { show: false },
                    values: (u, times) => times.map((t) => clock(t, times.at(-1) - times[0] < BRIEF)),
                },
                {
                    ...axis,
                    size: 38,
                    gap: 3,
                    space: 30,
                    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8],
                    values: (u, values) => values.map(short),
                    grid: { stroke: () => colour("line"), width: 1 },
                },
            ],
            series: [
                {},
                line("The whole machine", 0),
                ...this.groups.map((g) => line(g.group, this.places.get(g.group))),
            ],
            hooks: {
                init: [(u) => u.over.append(tip)],
                setCursor: [(u) => this.tell(u, tip, figure)],
            },
        };
    }

    /** Under the pointer: the time, and the whole machine's number. */
    tell(u, tip, figure) {
        const i = u.cursor.idx;
        tip.hidden = i === null || i === undefined || u.cursor.left < 0;
        if (tip.hidden) {
            return;
        }
        const total = this.history.total[figure.key][i];
        tip.textContent = `${clock(this.history.times[i], true)}  ${total === null ? "unknown" : total.toLocaleString("en")}`;
        const right = u.cursor.left > u.over.clientWidth / 2;
        tip.style.left = right ? "" : `${u.cursor.left + 8}px`;
        tip.style.right = right ? `${u.over.clientWidth - u.cursor.left + 8}px` : "";
    }

    resize(plot) {
        const figure = this.figures.find((f) => f.plot === plot);
        if (figure?.chart && plot.clientWidth > 0 && figure.chart.width !== plot.clientWidth) {
            figure.chart.setSize({ width: plot.clientWidth, height: PLOT_HEIGHT });
        }
    }

    redraw() {
        this.figures.forEach((f) => f.chart?.redraw());
    }
}

/** 14:05, in the time zone of all times on the page; 14:05:30 on request. */
function clock(seconds, withSeconds) {
    return new Date(seconds * 1000).toISOString().slice(11, withSeconds ? 19 : 16);
}

/** 950, 1.2k, 3M: an axis has little room. */
function short(n) {
    const [scaled, unit] = n >= 1e6 ? [n / 1e6, "M"] : n >= 1e3 ? [n / 1e3, "k"] : [n, ""];
    return `${Number(scaled.toFixed(1))}${unit}`;
}

/** The charts that are shown now, if there are any. */
let growth;

function setUpGrowth() {
    growth?.end();
    const section = document.getElementById("growth");
    growth = section && typeof uPlot !== "undefined" ? new Growth(section) : undefined;
    growth?.load();
}

/* ---------- live ---------- */

const announcer = document.createElement("p");
announcer.className = "hidden";
announcer.setAttribute("aria-live", "polite");
announcer.id = "announcer";

const stale = document.createElement("p");
stale.className = "stale";
stale.dataset.stale = "";
stale.setAttribute("role", "status");
stale.hidden = true;

/** The findings that were seen last. */
let known = new Map();

function findingLinks(root) {
    return new Map(
        [...root.querySelectorAll("#findings a[href^='/findings/']")].map((a) => [
            a.getAttribute("href"),
            a.closest("tr").cells[0].textContent + ": " + a.textContent,
        ]));
}

function announce() {
    const now = findingLinks(document);
    const fresh = [...now.keys()].filter((id) => !known.has(id)).map((id) => now.get(id));
    const gone = [...known.keys()].filter((id) => !now.has(id)).length;
    known = now;
    const words = [];
    if (fresh.length > 0) {
        words.push(`New ${fresh.length === 1 ? "finding" : "findings"}: ${fresh.join("; ")}.`);
    }
    if (gone > 0) {
        words.push(`${gone} ${gone === 1 ? "finding is" : "findings are"} not seen any more.`);
    }
    if (words.length > 0) {
        announcer.textContent = words.join(" ");
    }
}

/** How the machine stands, in a sentence. */
function sentence() {
    return document.getElementById("state")?.textContent;
}

function show(fresh) {
    const before = sentence();
    document.title = fresh.title;
    if (sameParts(fresh)) {
        parts(fresh).forEach(showPart);
    } else {
        showAll(fresh);
    }
    if (document.getElementById("findings")) {
        announce();
    } else if (sentence() !== before) {
        // An agent that sees nothing does not know that a finding is over.
        announcer.textContent = sentence() ?? "";
    }
}

function showPart(fresh) {
    const name = fresh.dataset.part;
    const html = fresh.outerHTML;
    if (sent.get(name) !== html) {
        sent.set(name, html);
        replace(document.querySelector(`[data-part="${CSS.escape(name)}"]`), fresh);
    }
}

/** A finding that is closed has no picture, an agent that sees nothing has no tables. */
function sameParts(fresh) {
    const names = (root) => parts(root).map((p) => p.dataset.part).join(" ");
    return names(fresh) === names(document);
}

function showAll(fresh) {
    const main = document.getElementById("main");
    const hadFocus = main.contains(document.activeElement);
    remember(fresh);
    main.replaceChildren(stale, ...fresh.getElementById("main").childNodes);
    enhance(main);
    setUpGrowth();
    if (hadFocus) {
        main.focus({ preventScroll: true });
    }
}

function remember(root) {
    sent.clear();
    parts(root).forEach((part) => sent.set(part.dataset.part, part.outerHTML));
}

let answered = new Date();
let misses = 0;

function missed(why, certain = false) {
    misses = certain ? LATE_AFTER_MISSES : misses + 1;
    if (misses >= LATE_AFTER_MISSES) {
        stale.textContent = `Stale since ${clock(answered / 1000, true)} UTC: ${why}.`;
        stale.hidden = false;
    }
}

async function refresh() {
    let response;
    let text;
    try {
        response = await fetch(location.pathname, {
            headers: { Accept: "text/html" },
            signal: AbortSignal.timeout(PATIENCE_MILLIS),
        });
        text = await response.text();
    } catch {
        missed("the agent does not answer");
        return;
    }
    if (!response.headers.has("Ringwatch-Page")) {
        if (response.status === 401 || response.status === 403 || response.ok) {
            missed(
                "the agent was started anew and has another token; sign in with the link that it prints",
                true);
        } else {
            missed(`the agent answers with ${response.status}`);
        }
        return;
    }
    answered = new Date();
    misses = 0;
    stale.hidden = true;
    show(new DOMParser().parseFromString(text, "text/html"));
    await growth?.load();
}

function setUpRefresh(seconds) {
    let timer;
    let busy = false;
    const next = () => {
        if (!document.hidden) {
            timer = setTimeout(look, seconds * 1000);
        }
    };
    const look = async () => {
        clearTimeout(timer);
        if (busy || document.hidden) {
            return;
        }
        busy = true;
        try {
            await refresh();
        } finally {
            busy = false;
            next();
        }
    };
    document.addEventListener("visibilitychange", look);
    next();
}

/* ---------- signing in ---------- */

/**
 * A link from another site brings no cookie along, though the reader has signed in: a request from
 * here does, and shows it.
 */
async function tryAgain() {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (response.headers.has("Ringwatch-Page")) {
        location.replace(location.pathname);
    }
}

/* ---------- begin ---------- */

setUpTheme();
if (document.querySelector("[data-landing]")) {
    tryAgain().catch(() => {});
} else {
    remember(document);
    known = findingLinks(document);
    document.body.append(probe);
    document.getElementById("main").prepend(stale);
    document.body.append(announcer);
    enhance(document);
    setUpGrowth();
    const seconds = Number(document.body.dataset.refreshSeconds);
    if (seconds > 0) {
        setUpRefresh(seconds);
    }
}
