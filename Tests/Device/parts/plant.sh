# A difference to find, for a trial of the script: a copy of a model with one flipped bit. Sourced by run.

# The sign of the first weight of the first MLP layer in the encoder's first block.
planted_weight=vit.encoder.layer.0.intermediate.dense.weight

# Copies the model $1 to $2 with the flipped bit.
plant() {
    local file=$2/model.safetensors header start place byte
    mkdir -p "$2"
    cp "$1"/* "$2" && chmod u+w "$file"
    header=$(od -An -v -t u8 -N 8 "$file" | tr -d ' ')
    start=$(head -c $((8 + header)) "$file" | tail -c +9 | grep -o "\"$planted_weight\":{[^}]*}" |
        sed -nE 's/.*"data_offsets":\[([0-9]+),.*/\1/p')
    [ -n "$start" ] || return 1
    place=$((8 + header + start + 3))
    byte=$(od -An -v -t u1 -j "$place" -N 1 "$file" | tr -d ' ')
    printf "\\x$(printf '%02x' $((byte ^ 0x80)))" | dd of="$file" bs=1 seek="$place" conv=notrunc status=none
}
