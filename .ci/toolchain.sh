# shellcheck shell=sh
# Sourced by ./cistern and ./verify. Finds the tools and exports JAVA_HOME, or says what to install:
#   need_jdk    sets and exports JAVA_HOME to a JDK of version $least_jdk or later
#   need_maven  sets maven to a Maven of version $least_maven or later

least_jdk=25
least_maven=3.8.7

say() {
  printf '%s\n' "$*" >&2
}

# The feature release of the JDK in a folder, such as 25; nothing when there is no JDK. Starts no JVM.
jdk_release() {
  if [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release"
  fi
}

# The folder of the JDK whose java is on the PATH.
jdk_on_path() {
  java_on_path=$(command -v java) || return 0
  java_on_path=$(readlink -f "$java_on_path" 2>/dev/null) || return 0
  dirname "$(dirname "$java_on_path")"
}

need_jdk() {
  for jdk in "${JAVA_HOME:-}" "$(jdk_on_path)" \
    /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "$(/usr/libexec/java_home -v "$least_jdk+" 2>/dev/null || true)"; do
    release=$(jdk_release "$jdk")
    if [ "${release:-0}" -ge "$least_jdk" ]; then
      JAVA_HOME=$jdk
      export JAVA_HOME
      return
    fi
  done
  say "A JDK $least_jdk or later is needed, and none was found in JAVA_HOME, on the PATH or in the usual folders."
  say "Install one, for instance:"
  say "  Debian, Ubuntu  apt install openjdk-$least_jdk-jdk"
  say "  Fedora          dnf install java-$least_jdk-openjdk-devel"
  say "  macOS           brew install openjdk@$least_jdk"
  say "  anywhere        sdk install java $least_jdk-tem    (SDKMAN)"
  say "or set JAVA_HOME to the folder of one."
  exit 2
}

# The version of a Maven, such as 3.8.7; nothing when it does not run.
maven_version() {
  "$1" --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9][0-9.]*\).*/\1/p'
}

# Whether version $1 is $2 or later; both of the form major.minor.patch.
is_at_least() {
  printf '%s %s\n' "$1" "$2" | awk '{
    split($1, have, "."); split($2, want, ".")
    for (i = 1; i <= 3; i++) if (have[i] + 0 != want[i] + 0) exit !(have[i] + 0 > want[i] + 0)
  }'
}

need_maven() {
  seen=
  for maven in "$(command -v mvn || true)" "${MAVEN_HOME:-}/bin/mvn" \
    /usr/share/maven/bin/mvn /opt/*maven*/bin/mvn "${HOME:-}"/.sdkman/candidates/maven/current/bin/mvn; do
    [ -x "$maven" ] || continue
    version=$(maven_version "$maven")
    if [ -n "$version" ] && is_at_least "$version" "$least_maven"; then
      return
    fi
    seen="$seen $maven (${version:-does not run})"
  done
  say "Maven $least_maven or later is needed${seen:+; found only$seen}."
  say "Install it, for instance: apt install maven, dnf install maven, brew install maven, sdk install maven."
  exit 2
}
