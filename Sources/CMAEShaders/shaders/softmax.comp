// In place: scores of one query become its weights.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "canonical.glsl"
#include "lanes.glsl"
layout(std430, binding = 0) buffer Scores { float scores[]; };
layout(push_constant) uniform Problem { uint rows, columns; };

// The largest of the row; which of two equal zeros it is makes no difference to the result.
float largest_of_lanes(float lane) {
    uint row = gl_LocalInvocationID.y * 16;
    lane_values[row + gl_LocalInvocationID.x] = lane;
    barrier();
    float largest = lane_values[row];
    for (uint j = 1; j < 16; j++) largest = lane_values[row + j] > largest ? lane_values[row + j] : largest;
    return largest;
}

void main() {
    uint row = gl_WorkGroupID.x * ROWS + gl_LocalInvocationID.y, lane = gl_LocalInvocationID.x;
    uint first = row * columns, count = row < rows ? columns : 0;
    float maximum = BITS(0xFF800000u);
    for (uint c = lane; c < count; c += 16) maximum = scores[first + c] > maximum ? scores[first + c] : maximum;
    maximum = largest_of_lanes(maximum);
    precise float sum = 0.0;
    for (uint c = lane; c < count; c += 16) {
        precise float difference = scores[first + c] - maximum;
        float power = exponential(difference);
        scores[first + c] = power;
        sum = sum + power;
    }
    float reciprocal = divide(1.0, sum_lanes(sum));
    for (uint c = lane; c < count; c += 16) {
        precise float weight = scores[first + c] * reciprocal;
        scores[first + c] = weight;
    }
}
