// Each row to zero mean and unit variance, then scaled and shifted. Input and output may be one buffer.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "canonical.glsl"
#include "lanes.glsl"
layout(std430, binding = 0) buffer Input { float inputs[]; };  // aliased
layout(std430, binding = 1) readonly buffer Scale { float scales[]; };
layout(std430, binding = 2) readonly buffer Shift { float shifts[]; };
layout(std430, binding = 3) buffer Output { float outputs[]; };  // aliased
layout(push_constant) uniform Problem { uint rows, columns; float epsilon; };

void main() {
    uint row = gl_WorkGroupID.x * ROWS + gl_LocalInvocationID.y, lane = gl_LocalInvocationID.x;
    uint first = row * columns, count = row < rows ? columns : 0;
    precise float sum = 0.0;
    for (uint c = lane; c < count; c += 16) sum = sum + inputs[first + c];
    float mean = divide(sum_lanes(sum), float(columns));
    float squares = 0.0;
    for (uint c = lane; c < count; c += 16) {
        precise float difference = inputs[first + c] - mean;
        squares = fused(difference, difference, squares);
    }
    float variance = divide(sum_lanes(squares), float(columns));
    precise float widened = variance + epsilon;
    float factor = divide(1.0, square_root(widened));
    for (uint c = lane; c < count; c += 16) {
        precise float difference = inputs[first + c] - mean;
        precise float normalised = difference * factor;
        outputs[first + c] = fused(normalised, scales[c], shifts[c]);
    }
}
