# results.json and results.md. Sourced by run.

: >"$out/work/steps.md"
: >"$out/work/tables.md"
device_name='' device_driver='' device_class='' device_arithmetic='' device_reason=''
finished=no started=$(date -u +%Y-%m-%dT%H:%M:%SZ)

verdict() {
    case $exit_code in
        0|2) [ "$finished" = yes ] || { echo "not finished"; return; } ;;
    esac
    case $exit_code in
        0) echo "every bit agrees" ;;
        1) echo "bits differ" ;;
        2) echo "incomplete" ;;
        69) echo "no device" ;;
    esac
}

# Writes both files from what there is, so that they are whole at any time.
write_results() {
    local separator='' file
    {
        printf '{\n"schema": 1,\n"started": "%s",\n"seconds": %d,\n"verdict": "%s",\n"exit_code": %d,\n' \
            "$started" "$SECONDS" "$(verdict)" "$exit_code"
        printf '"build": %s,\n' "$(json_text "$build")"
        printf '"device": {"backend": %s, "name": %s, "driver": %s, "class": %s, "arithmetic": %s, "reason": %s},\n' \
            "$(json_text "$device")" "$(json_text "$device_name")" "$(json_text "$device_driver")" \
            "$(json_text "$device_class")" "$(json_text "$device_arithmetic")" "$(json_text "$device_reason")"
        printf '"steps": [\n'
        for file in "$out"/steps/*.json; do
            printf '%s' "$separator"
            cat "$file"
            separator=,
        done
        printf ']\n}\n'
    } >"$out/results.json.new"
    mv "$out/results.json.new" "$out/results.json"
    {
        printf '# %s: %s\n\n' "${device_name:-No device}" "$(verdict)"
        if [ -n "$device_name" ]; then
            printf '| device | driver | class | date | build |\n|---|---|---|---|---|\n'
            printf '| %s | %s | `%s`, %s | %s | %s |\n\n' "$device_name" "$device_driver" "$device_class" \
                "$device_arithmetic" "${started%T*}" "$build"
        fi
        [ -z "$device_reason" ] || printf '%s\n\n' "$device_reason"
        printf '| step | result | seconds | |\n|---|---|---|---|\n'
        cat "$out/work/steps.md" "$out/work/tables.md"
    } >"$out/results.md.new"
    mv "$out/results.md.new" "$out/results.md"
}

finish() {
    finished=yes
    write_results
    printf '\n%s, in %d s: %s\n' "$(verdict)" "$SECONDS" "$out/results.md"
    exit "$exit_code"
}

# $kit's release and the digest of the engine's sources.
build=$("$kit/bin/mae-coord" --version 2>>"$out/logs/start.log" | awk '
    NR == 1 { release = $2 } /engine digest/ { print release "+" $3 }')
[ -n "$build" ] || {
    echo "Tests/Device/run: the programs do not start: $(tail -n 1 "$out/logs/start.log")" >&2
    exit 69
}
