# Sourced by the scripts that ask a platform: starts one of their own in memory and ends it with them.
#   start_platform FOLDER OPTION…   its screen and its log go to FOLDER; $sampark is built unless SAMPARK_BIN names it
#   platform_options                an array: what it is started with unless the caller says otherwise
#   address NAME                    the address that the start screen has beside a name: API, DynamoDB, S3…
# The caller ends with `trap stop_platform EXIT`.

# Clients of this machine must not go through a proxy.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

sampark=${SAMPARK_BIN:-}
if [ -z "$sampark" ]; then
  cargo build --locked --quiet --package local --bin sampark
  sampark=${CARGO_TARGET_DIR:-target}/debug/sampark
fi

address() { sed -nE "s|^ *$1 +(http://[^ ]+).*|\1|p" "$platform_folder/screen"; }

platform_options=(--memory --port 0 --no-demo)

start_platform() {
  platform_folder=$1
  RUST_LOG=error "$sampark" "${platform_options[@]}" "${@:2}" >"$platform_folder/screen" 2>"$platform_folder/log" &
  platform=$!
  for _ in $(seq 900); do
    # The last line of the screen that has an address.
    [ -n "$(address S3)" ] && return
    kill -0 "$platform" 2>/dev/null || { cat "$platform_folder/log" >&2; return 1; }
    sleep 0.1
  done
  echo "the platform did not start" >&2
  return 1
}

stop_platform() {
  kill "$platform" 2>/dev/null || true
  wait "$platform" 2>/dev/null || true
}

# Whether it still runs and has reported nothing.
platform_is_well() {
  local well=0
  kill -0 "$platform" 2>/dev/null || { echo "the platform ended" >&2; well=1; }
  if [ -s "$platform_folder/log" ]; then
    echo "the platform's log has errors:" >&2
    head -n 50 "$platform_folder/log" >&2
    well=1
  fi
  return $well
}
