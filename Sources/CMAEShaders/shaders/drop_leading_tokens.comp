// Each image's rows but the first `dropped`.
#version 450
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Tokens { uint tokens[]; };
layout(std430, binding = 1) writeonly buffer Output { uint outputs[]; };
layout(push_constant) uniform Problem { uint rows, tokens_per_image, dropped, width; };

void main() {
    uint column = gl_GlobalInvocationID.x, left = tokens_per_image - dropped;
    if (column >= width) return;
    for (uint row = gl_WorkGroupID.y; row < rows; row += gl_NumWorkGroups.y) {
        uint source = row / left * tokens_per_image + dropped + row % left;
        outputs[row * width + column] = tokens[source * width + column];
    }
}
