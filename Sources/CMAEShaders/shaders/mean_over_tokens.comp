// The mean over an image's tokens: 16 strided sums for each column.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "canonical.glsl"
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Tokens { float tokens[]; };
layout(std430, binding = 1) writeonly buffer Output { float outputs[]; };
layout(push_constant) uniform Problem { uint images, count, width; };

void main() {
    uint column = gl_GlobalInvocationID.x;
    if (column >= width) return;
    for (uint image = gl_WorkGroupID.y; image < images; image += gl_NumWorkGroups.y) {
        precise float lanes[16];
        [[unroll]] for (uint lane = 0; lane < 16; lane++) lanes[lane] = 0.0;
        for (uint token = 0; token < count; token += 16) {
            [[unroll]] for (uint lane = 0; lane < 16; lane++)
                if (token + lane < count)
                    lanes[lane] = lanes[lane] + tokens[(image * count + token + lane) * width + column];
        }
        [[unroll]] for (uint distance = 8; distance > 0; distance /= 2)
            [[unroll]] for (uint lane = 0; lane < distance; lane++) lanes[lane] = lanes[lane] + lanes[lane + distance];
        outputs[image * width + column] = divide(lanes[0], float(count));
    }
}
