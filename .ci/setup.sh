# shellcheck shell=bash
# What ./ringwatch and ./verify share: finding a JDK, installing packages, building.
# Source it with "root" set to the top of the checkout. Nothing here writes to standard output,
# which belongs to the program that is started.
: "${root:?}"

readonly JDK_FEATURE=25

# What is needed, and the Debian package that has it. "Needed" is decided by what is there and not
# by the package manager, so that other ways to install it count too.
readonly BUILD_NEEDS=(
    'command:mvn maven'
    'command:clang clang'
    'file:/usr/include/bpf/bpf_helpers.h libbpf-dev'
    'library:libbpf.so.1 libbpf1'
)
# What the benchmarks of uring-native compile their peers with.
# shellcheck disable=SC2034 # not every script that sources this one measures
readonly BENCH_NEEDS=(
    'command:gcc gcc'
    'file:/usr/include/stdio.h libc6-dev'
    'file:/usr/include/liburing.h liburing-dev'
)
# For machines with other kernels (.ci/guest).
# shellcheck disable=SC2034 # not every script that sources this one starts guests
readonly GUEST_NEEDS=(
    'command:qemu-system-x86_64 qemu-system-x86'
    'file:/usr/lib/qemu/virtiofsd qemu-system-common'
    'command:busybox busybox-static'
    'command:xz xz-utils'
)

# What .ci/test-packages calls.
# shellcheck disable=SC2034 # not every script that sources this one tests packages
readonly PACKAGE_TEST_NEEDS=(
    'command:jq jq'
    'command:skopeo skopeo'
    'command:curl curl'
    'command:ip iproute2'
    'file:/lib/systemd/systemd systemd'
)

say() {
    printf 'ringwatch: %s\n' "$*" >&2
}

# Exit status 2 is "cannot start"; 1 belongs to the commands ("found a leak").
die() {
    say "$*"
    exit 2
}

is_there() {
    local name=${1#*:} directory
    case $1 in
        command:*) command -v "$name" >/dev/null ;;
        file:*) [[ -e $name ]] ;;
        library:*)
            for directory in /usr/lib/*-linux-gnu /usr/lib64 /usr/lib /lib64 /lib /usr/local/lib; do
                [[ ! -e $directory/$name ]] || return 0
            done
            return 1
            ;;
    esac
}

# Sets "packages" to what has to be installed for these needs.
find_missing() {
    local need
    packages=()
    for need in "$@"; do
        is_there "${need% *}" || [[ " ${packages[*]} " == *" ${need#* } "* ]] ||
            packages+=("${need#* }")
    done
}

# Makes these needs true, or says what a person has to do and ends.
require() {
    local packages need
    find_missing "$@"
    if ! find_jdk && [[ -z ${RINGWATCH_JDK_PATH-} ]] && distribution_has_jdk; then
        packages+=("openjdk-$JDK_FEATURE-jdk-headless")
    fi
    if ((${#packages[@]})); then
        install_packages "${packages[@]}"
        for need in "$@"; do
            is_there "${need% *}" || die "${need#* } is installed, but ${need% *} is not there"
        done
    fi
    require_jdk
}

install_packages() {
    command -v apt-get >/dev/null ||
        die "no apt-get here: install what these Debian packages have: $*"
    ((EUID == 0)) || die "packages are missing; run: sudo apt-get install -y $*"
    say "installing $*"
    local log
    log=$(mktemp)
    # The lists may be absent or name versions that left the archive; then they are renewed, once.
    if ! apt_get install -y "$@" >"$log" 2>&1 &&
        ! { apt_get update && apt_get install -y "$@"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "could not install $*"
    fi
    rm -f "$log"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false "$@" </dev/null
}

distribution_has_jdk() {
    command -v apt-cache >/dev/null &&
        LC_ALL=C apt-cache policy "openjdk-$JDK_FEATURE-jdk-headless" 2>/dev/null |
        grep -q 'Candidate: [0-9]'
}

# Sets "jdk" and "jdk_version": JAVA_HOME if it will do, else the version that the build is for,
# else any later one. Starts no process, because every start of ringwatch comes through here.
find_jdk() {
    local -a candidates=()
    jdk=''
    if [[ -n ${RINGWATCH_JDK_PATH-} ]]; then
        IFS=: read -ra candidates <<<"$RINGWATCH_JDK_PATH"
        choose_jdk "${candidates[@]}"
        return
    fi
    ! read_jdk "${JAVA_HOME-}" || ((${jdk_version%%[!0-9]*} < JDK_FEATURE)) || {
        jdk=$JAVA_HOME
        return
    }
    choose_jdk /usr/lib/jvm/* /opt/* /opt/java/* /usr/local/* /usr/java/* \
        ~/.sdkman/candidates/java/* ~/.jdks/* || choose_jdk "$(jdk_on_path)"
}

choose_jdk() {
    local candidate feature later='' later_version=''
    for candidate in "$@"; do
        read_jdk "$candidate" || continue
        feature=${jdk_version%%[!0-9]*}
        if ((feature == JDK_FEATURE)); then
            jdk=$candidate
            return
        elif ((feature > JDK_FEATURE)) && [[ -z $later ]]; then
            later=$candidate
            later_version=$jdk_version
        fi
    done
    jdk=$later
    jdk_version=$later_version
    [[ -n $jdk ]]
}

# Sets "jdk_version" if the folder is a whole JDK, not only a runtime.
read_jdk() {
    [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return
    local line
    while IFS= read -r line; do
        if [[ $line == JAVA_VERSION=* ]]; then
            line=${line#*=}
            jdk_version=${line//[!0-9A-Za-z.+-]/}
            return
        fi
    done <"$1/release"
    return 1
}

# Where the command "java" really is; it is mostly a chain of symbolic links.
jdk_on_path() {
    local java
    java=$(type -P java) && java=$(readlink -f "$java") && printf '%s' "${java%/bin/java}"
}

require_jdk() {
    find_jdk || die "no JDK $JDK_FEATURE or later found: install one" \
        "(temurin-$JDK_FEATURE-jdk, openjdk-$JDK_FEATURE-jdk-headless or one unpacked below /opt)" \
        "or set JAVA_HOME"
}

# The state of an installation inside the checkout, ignored by git:
#   stamp         the folder of the current build, then the list of sources it was made from
#   app.N/lib     its module path: copies, so that a later build does not pull the jars from under
#                 a program that runs
#   app.N/bin     the launcher that packages have too
#   app.N/*.aot   the class cache, one for the JDK that was there
#   build.log     what Maven said last
#   lock          held while building

# Prints every file that the program is made of, with its size and time. A list, unlike a
# comparison of times, also sees what was deleted, renamed or replaced by something older.
list_sources() {
    cd "$root" || return
    local -a tops=(pom.xml .mvn .ci/setup.sh)
    local module
    for module in "${MODULES[@]}"; do
        tops+=("$module/pom.xml" "$module/src/main")
    done
    find "${tops[@]}" -type f -printf '%p %s %T@\n' 2>/dev/null || true
}

readonly MODULES=(core uring-native agent)

# Sets "app" if the build that is there was made from the present sources.
find_app() {
    local name stamped=''
    [[ -r $root/.ringwatch/stamp ]] || return
    {
        IFS= read -r name
        IFS= read -r -d '' stamped || true
    } <"$root/.ringwatch/stamp"
    app=$root/.ringwatch/$name
    [[ -d $app/lib && $stamped == "$(list_sources)"$'\n' ]]
}

# Sets "app" and "jdk", and does what is needed for both.
prepare_app() {
    if find_app; then
        require_jdk
        return
    fi
    require "${BUILD_NEEDS[@]}"
    mkdir -p "$root/.ringwatch" 2>/dev/null || true
    [[ -w $root/.ringwatch ]] ||
        die "the sources have to be built, and this user cannot write to $root"
    local lock
    exec {lock}>>"$root/.ringwatch/lock"
    if ! flock -n "$lock"; then
        say "waiting for another build of this checkout"
        flock "$lock"
    fi
    find_app || build_app
    # Nothing that is started later may inherit the lock.
    exec {lock}>&-
}

build_app() {
    local sources
    say "building with $jdk; the first time takes a minute or two"
    # Listed first: what changes while Maven runs makes the next start build again.
    sources=$(list_sources)
    run_maven_build
    stage_app
    make_class_cache
    printf '%s\n%s\n' "${app##*/}" "$sources" >"$root/.ringwatch/stamp.new"
    mv "$root/.ringwatch/stamp.new" "$root/.ringwatch/stamp"
    remove_old_apps
}

run_maven_build() {
    local log=$root/.ringwatch/build.log modules
    printf -v modules '%s,' "${MODULES[@]}"
    # Maven adds to this folder and never removes: an old version of a library would stay.
    rm -rf "$root/agent/target/lib" "$root"/agent/target/*.jar
    if ! maven package -Dmaven.test.skip=true -pl "${modules%,}" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "the build failed; all of it is in $log"
    fi
}

maven() (
    cd "$root" && JAVA_HOME=$jdk exec mvn -B -Dstyle.color=never "$@" </dev/null
)

# In the layout that a package has, too: see agent/src/main/launcher/ringwatch.
stage_app() {
    local launcher=$root/agent/src/main/launcher
    app=$root/.ringwatch/app.${EPOCHREALTIME//[!0-9]/}
    mkdir "$app" "$app/bin"
    cp -r "$root/agent/target/lib" "$app/lib"
    cp "$root"/agent/target/ringwatch-agent-*.jar "$launcher/java.options" "$app/lib/"
    cp "$launcher/ringwatch" "$launcher/make-class-cache" "$app/bin/"
}

# Only speed depends on it, so a failure is not one of the build.
make_class_cache() {
    RINGWATCH_JAVA=$jdk/bin/java "$app/bin/make-class-cache" "$app/$jdk_version.aot" \
        >>"$root/.ringwatch/build.log" 2>&1 || true
}

# The build before the last may still run: a program opens its jars as it needs them.
remove_old_apps() {
    local -a apps=("$root"/.ringwatch/app.*)
    ((${#apps[@]} <= 2)) || rm -rf "${apps[@]:0:${#apps[@]}-2}"
}

# Runs the program with these arguments, in place of this shell.
run_app() {
    [[ $HOSTTYPE == x86_64 || $HOSTTYPE == aarch64 ]] ||
        die "runs on x86_64 and aarch64, not on $HOSTTYPE"
    # Only a checkout has the benchmarks that are programs of their own.
    RINGWATCH_JAVA=$jdk/bin/java RINGWATCH_CLASS_CACHE=$app/$jdk_version.aot \
        RINGWATCH_BENCH=$root/.ci/bench exec "$app/bin/ringwatch" "$@"
}
