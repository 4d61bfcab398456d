// Fused multiply-adds that touch registers only, for measuring how many a device does in a second.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "canonical.glsl"
layout(local_size_x = 64) in;
layout(std430, binding = 0) writeonly buffer Sums { float sums[]; };
layout(push_constant) uniform Problem { uint rounds; float factor; };

// Chains that do not wait for each other, as a tile of a matrix product has.
const uint CHAINS = 16;

void main() {
    // Other numbers in each invocation, so that none can compute for all.
    precise float chains[CHAINS];
    [[unroll]] for (uint i = 0; i < CHAINS; i++) chains[i] = factor + float(gl_LocalInvocationIndex + i);
    for (uint round = 0; round < rounds; round++)
        [[unroll]] for (uint i = 0; i < CHAINS; i++) chains[i] = fused(chains[i], factor, factor);
    precise float sum = 0.0;
    [[unroll]] for (uint i = 0; i < CHAINS; i++) sum = sum + chains[i];
    // Without a use of them, no chain would be computed. A compiler does not know the factor; as it is positive, so is the
    // sum.
    if (sum == -1.0) sums[gl_LocalInvocationIndex] = sum;
}
