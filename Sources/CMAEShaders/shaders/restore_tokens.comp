// CLS, then every patch in place, mask tokens where patches were removed, each plus its position embedding.
#version 450
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Tokens { float tokens[]; };
layout(std430, binding = 1) readonly buffer Slots { int slots[]; };
layout(std430, binding = 2) readonly buffer MaskToken { float mask_token[]; };
layout(std430, binding = 3) readonly buffer Positions { float positions[]; };
layout(std430, binding = 4) writeonly buffer Output { float outputs[]; };
layout(push_constant) uniform Problem { uint rows, patches_per_image, tokens_per_image, width; };

void main() {
    uint column = gl_GlobalInvocationID.x;
    if (column >= width) return;
    for (uint row = gl_WorkGroupID.y; row < rows; row += gl_NumWorkGroups.y) {
        uint image = row / (patches_per_image + 1), place = row % (patches_per_image + 1);
        int slot = place == 0 ? -1 : slots[image * patches_per_image + place - 1];
        float value = mask_token[column];
        if (place == 0 || slot >= 0) value = tokens[(image * tokens_per_image + uint(1 + slot)) * width + column];
        precise float placed = value + positions[place * width + column];
        outputs[row * width + column] = placed;
    }
}
