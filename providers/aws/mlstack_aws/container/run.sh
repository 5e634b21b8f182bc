#!/bin/sh
# Runs the command of a job in a container of SageMaker, in a training job or in a processing job: which one
# it is shows in where this file is. Beside it: `command`, and `inputs` and `outputs`, a name and a sort a line.
set -eu

fail() {
    echo "mlstack: $*" >&2
    exit 70
}

here="$(cd "$(dirname "$0")" && pwd)"
in="${here%/*}"
case "$in" in
*/processing/input)
    ml="${in%/processing/input}"
    out="$ml/processing/output"
    resources="$ml/config/resourceconfig.json"
    ;;
*/input/data)
    ml="${in%/input/data}"
    out="$ml/model"
    resources="$ml/input/config/resourceconfig.json"
    export SM_MODEL_DIR="$out"
    ;;
*) fail "$here is no place of SageMaker's" ;;
esac

work="$(mktemp -d)"
mkdir "$work/code"
if [ -d "$in/mlstack-code" ]; then cp -R "$in/mlstack-code/." "$work/code/"; fi

# The command names what it reads and writes by these variables. Those of values are there already.
names() {
    export "$1_$(printf '%s' "$2" | tr - _)=$3"
}

while read -r name sort; do
    found="$in/$name"
    case "$sort" in
    value) continue ;;
    file)
        found="$(find "$in/$name" -type f | head -n 1)"
        [ -n "$found" ] || fail "the input $name has no file"
        ;;
    model) # an archive, as endpoints take it, is given to the command as a folder
        packed="$(find "$found" -name model.tar.gz -type f | head -n 1)"
        if [ -n "$packed" ]; then
            found="$work/models/$name"
            mkdir -p "$found"
            tar -xzf "$packed" -C "$found"
        fi
        ;;
    esac
    names MLSTACK_INPUT "$name" "$found"
done <"$here/inputs"

while read -r name sort; do
    case "$sort" in
    own) found="$ml/checkpoints" ;;
    *) found="$out/$name" ;;
    esac
    mkdir -p "$found"
    if [ "$sort" = file ]; then found="$found/$name"; fi
    names MLSTACK_OUTPUT "$name" "$found"
done <"$here/outputs"

if env | grep -q '^MLSTACK_SECRET_'; then
    python="$(command -v python3 || command -v python || true)"
    [ -n "$python" ] || fail "secrets are fetched by Python, and the image has none"
    secrets="$("$python" "$here/fetch_secrets.py")"
    eval "$secrets"
    unset secrets
fi

# torchrun's variables. Machines are called algo-1, algo-2 …
nodes=1 node=0 first=127.0.0.1
if [ -f "$resources" ]; then
    flat="$(tr -d '\n ' <"$resources")"
    current="$(printf '%s' "$flat" | sed -n 's/.*"current_host":"\([^"]*\)".*/\1/p')"
    nodes="$(printf '%s' "$flat" | sed -n 's/.*"hosts":\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | grep -c '"')"
    if [ "$nodes" -gt 1 ]; then
        node=$((${current##*-} - 1))
        first=algo-1
    fi
fi
each="${MLSTACK_PROCESSES:-1}"
export MASTER_ADDR="$first" MASTER_PORT="${MASTER_PORT:-29500}" NODE_RANK="$node" GROUP_RANK="$node"
export WORLD_SIZE=$((nodes * each)) LOCAL_WORLD_SIZE="$each"

shell="$(command -v bash || echo /bin/sh)"
cd "$work/code"
if [ "$each" -eq 1 ]; then
    export RANK="$node" LOCAL_RANK=0
    exec "$shell" "$here/command"
fi

# The first process that fails ends the others: they would wait for it for ever.
processes=""
failed() {
    trap - TERM
    # shellcheck disable=SC2086
    kill $processes 2>/dev/null || true
    exit "$(cat "$work/failed" 2>/dev/null || echo 143)"
}
trap failed TERM
main=$$
local_rank=0
while [ "$local_rank" -lt "$each" ]; do
    (
        RANK=$((node * each + local_rank)) LOCAL_RANK="$local_rank" "$shell" "$here/command" &
        trap 'kill $! 2>/dev/null; exit 143' TERM
        wait $! || {
            code=$?
            [ -f "$work/failed" ] || echo "$code" >"$work/failed"
            kill -TERM "$main"
        }
    ) &
    processes="$processes $!"
    local_rank=$((local_rank + 1))
done
wait
[ ! -f "$work/failed" ] || failed
