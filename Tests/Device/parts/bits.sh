# Whether the device gives the CPU's bits. Sourced by run.

# Runs model $1, or $3 on the device, at mask ratio $2 on both; false when a file differs, and then `note` says which.
compare_files() {
    local folder=$out/work/infer name differing=() errors=$out/work/errors code
    rm -rf "$folder"
    for backend in cpu "$device"; do
        code=0
        bounded "$kit/bin/mae-coord" infer --model "$([ "$backend" = cpu ] && echo "$1" || echo "$3")" --decoder \
            --batch-size "$batch" --mask-ratio "$2" --backend "$backend" --output "$folder/$backend" 2>"$errors" || code=$?
        cat "$errors"
        judge "$code" "$(cat "$errors")" || return 1
    done
    for name in layernorm.npy logits.npy; do
        cmp "$folder/cpu/$name" "$folder/$device/$name" || differing+=("$name")
    done
    [ ${#differing[@]} -eq 0 ] && return 0
    status=differs note="mask ratio $2: ${differing[*]} differ"
    return 1
}

# Compares model $1, or $3 on the device, at mask ratio $2: the files first, as users get them, then each operation's result. Adds to
# `reports` what the second comparison says.
compare_at_ratio() {
    local file=$out/work/compare-$2.json files files_note
    status=passed note=''
    compare_files "$@"
    files=$status files_note=$note
    case $files in late|failed) return ;; esac
    status=passed note=''
    measured "$file" "$kit/bin/mae-bench" compare --model "$1" --other-model "$3" --other-backend "$device" \
        --batch-size "$batch" --mask-ratio "$2" --json
    [ ! -s "$file" ] || reports+=("$file")
    case $files-$status in
        *-differs) note="mask ratio $2: $(json_value "$file" reason)" ;;
        differs-passed) status=differs note="$files_note, but do not when one process computes both" ;;
        differs-*) status=differs note="$files_note; the operation was not found: $note" ;;
    esac
}

# Compares model $1 at both mask ratios.
compare_model() {
    local model=$1 other=$1 ratio worst=passed notes=()
    reports=()
    if [ "$plants" = yes ]; then
        other=$out/work/planted
        plant "$model" "$other" || { status=failed note="$planted_weight was not found"; return; }
    fi
    for ratio in 0 0.75; do
        compare_at_ratio "$model" "$ratio" "$other"
        [ -z "$note" ] || notes+=("$note")
        case $status in
            differs) worst=differs ;;
            late|failed) [ "$worst" = differs ] || worst=$status ;;
        esac
    done
    status=$worst note=$(printf '%s; ' "${notes[@]}")
    note=${note%; }
    if [ "$status" = passed ]; then
        note="layernorm.npy and logits.npy are identical at mask ratios 0 and 0.75, batch $batch, and so are the results of all"
        note+=" $(json_value "${reports[0]}" operations) operations"
    fi
    result=$out/work/compare.json
    [ ${#reports[@]} -eq 0 ] || {
        printf '[\n'
        cat "${reports[0]}"
        for ratio in "${reports[@]:1}"; do
            printf ',\n'
            cat "$ratio"
        done
        printf ']\n'
    } >"$result"
}

compare_golden() { compare_model "$kit/models/$1"; }

# The large model is made here: it is too large to be carried.
compare_preset() {
    local errors=$out/work/errors code=0
    bounded "$kit/bin/mae-coord" checkpoint init --preset "$preset" --seed 0 --output "$out/work/model" 2>"$errors" || code=$?
    judge "$code" "$(cat "$errors")" || return
    compare_model "$out/work/model"
}
