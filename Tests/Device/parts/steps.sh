# Steps: bounded in time, each with a result. Sourced by run.
#
# A step is a function. It sets `status` to passed, differs, failed, late or skipped, `note` to a sentence, and `result` to a file
# of JSON, if there is one. What it prints goes to its log.

step_count=0 exit_code=0

# Seconds that are left for everything.
seconds_left() { echo $((limit - SECONDS)); }

# Runs a command that may take what is left of the step's time.
bounded() {
    local left=$((step_end - SECONDS))
    [ "$left" -gt 0 ] || return 124
    timeout -k 5 "$left" "$@"
}

# Takes a step: its name, the seconds it may take (more when there is more for everything), and the function.
step() {
    local name=$1 most=$2 start=$SECONDS left file
    shift 2
    step_count=$((step_count + 1))
    file=$(printf '%02d-%s' "$step_count" "${name// /-}")
    log=$out/logs/$file.log status=passed note='' result=''
    left=$(seconds_left)
    [ "$limit" -le 470 ] || most=$((most * limit / 470))
    step_end=$((SECONDS + (left < most ? left : most)))
    printf '== %s\n' "$name"
    if [ "$left" -le 0 ]; then
        status=late note='no time was left'
        : >"$log"
    else
        "$@" >"$log" 2>&1
    fi
    case $status in
        differs) exit_code=1 ;;
        failed|late) [ "$exit_code" -eq 1 ] || exit_code=2 ;;
    esac
    printf '   %s%s\n' "$status" "${note:+: $note}"
    {
        printf '{"step": %s, "status": "%s", "seconds": %d, ' "$(json_text "$name")" "$status" $((SECONDS - start))
        printf '"note": %s, "log": "logs/%s.log", "result": ' "$(json_text "$note")" "$file"
        if [ -n "$result" ] && [ -s "$result" ]; then cat "$result"; else echo null; fi
        echo '}'
    } >"$out/steps/$file.json"
    printf '| %s | %s | %d | %s |\n' "$name" "$status" $((SECONDS - start)) "${note//|/\\|}" >>"$out/work/steps.md"
    write_results
}

# Judges a program of ours by its exit code $1; $2 is what it said on standard error.
judge() {
    case $1 in
        0) return 0 ;;
        1) status=differs ;;
        124|137) status=late note='did not end in the time that it had'; return 1 ;;
        *) status=failed ;;
    esac
    note=$(tail -n 1 <<<"$2")
    note=${note:-ended with code $1}
    return 1
}

# Runs one of our programs with JSON on standard output into the step's result $1, and judges it.
measured() {
    result=$1
    shift
    local errors=$out/work/errors code=0
    bounded "$@" >"$result" 2>"$errors" || code=$?
    cat "$errors"
    judge "$code" "$(cat "$errors")"
}
