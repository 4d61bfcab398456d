// Fused multiply-adds that touch registers only, for measuring how many a device does in a second.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "canonical.glsl"
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Sums { float sums[]; };
layout(push_constant) uniform Problem { uint rounds; };

// Chains that do not wait for each other, as a tile of a matrix product has.
const uint CHAINS = 16;

void main() {
    float factor = sums[gl_LocalInvocationIndex];
    precise float chains[CHAINS];
    [[unroll]] for (uint i = 0; i < CHAINS; i++) chains[i] = factor + float(i);
    for (uint round = 0; round < rounds; round++)
        [[unroll]] for (uint i = 0; i < CHAINS; i++) chains[i] = fused(chains[i], factor, factor);
    precise float sum = 0.0;
    [[unroll]] for (uint i = 0; i < CHAINS; i++) sum = sum + chains[i];
    // Without a use of them, no chain would be computed; no sum is this one.
    if (sum == -1.0) sums[gl_LocalInvocationIndex] = sum;
}
