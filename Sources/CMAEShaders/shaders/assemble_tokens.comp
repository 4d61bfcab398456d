// CLS, then the kept patches, each plus its position embedding.
#version 450
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Patches { float patches[]; };
layout(std430, binding = 1) readonly buffer Kept { int kept[]; };
layout(std430, binding = 2) readonly buffer Token { float token[]; };
layout(std430, binding = 3) readonly buffer Positions { float positions[]; };
layout(std430, binding = 4) writeonly buffer Output { float outputs[]; };
layout(push_constant) uniform Problem { uint rows, kept_per_image, width; };

void main() {
    uint column = gl_GlobalInvocationID.x;
    if (column >= width) return;
    for (uint row = gl_WorkGroupID.y; row < rows; row += gl_NumWorkGroups.y) {
        uint image = row / (kept_per_image + 1), place = row % (kept_per_image + 1);
        precise float value;
        if (place == 0) {
            value = token[column] + positions[column];
        } else {
            uint slot = image * kept_per_image + place - 1;
            value = patches[slot * width + column] + positions[(1 + uint(kept[slot])) * width + column];
        }
        outputs[row * width + column] = value;
    }
}
