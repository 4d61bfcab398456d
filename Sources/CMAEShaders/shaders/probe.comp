// What the contract asks of a device's arithmetic, one question a result.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "canonical.glsl"
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) readonly buffer C { float c[]; };
// count results of each question after the other.
layout(std430, binding = 3) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Problem { uint count; };

shared float staged[64];

void main() {
    uint i = gl_GlobalInvocationID.x;
    float x = i < count ? a[i] : 0.0, z = i < count ? b[i] : 0.0, w = i < count ? c[i] : 0.0;
    staged[gl_LocalInvocationIndex] = x;
    barrier();
    if (i >= count) return;
    y[i] = fused(x, z, w);
    precise float sum = x + z;
    y[count + i] = sum;
    precise float difference = x - z;
    y[2 * count + i] = difference;
    // An equal product beside the fused operation tempts a compiler to share it; the sum after it, to fuse that too.
    precise float product = x * z;
    y[3 * count + i] = product;
    precise float separate = product + w;
    y[4 * count + i] = separate;
    // Chains as matrix products run them, of as many steps as are told only now: some compilers forget that the first one
    // adds to +0 where they see it beside the loop.
    float chain = 0.0;
    uint steps = min(count, 8);
    for (uint k = 0; k < steps; k++) chain = fused(staged[(gl_LocalInvocationIndex + k) % 64], z, chain);
    y[5 * count + i] = chain;
    y[6 * count + i] = divide(x, z);
    y[7 * count + i] = square_root(magnitude(x));
    y[8 * count + i] = exponential(x);
    // Storage must not flush what arithmetic keeps.
    y[9 * count + i] = staged[gl_LocalInvocationIndex];
    // Selections as activations make them, which are neither minima nor maxima: those differ with NaN and -0.
    y[10 * count + i] = x < z ? w : x;
    y[11 * count + i] = x < 0.0 ? 0.0 : x;
    y[12 * count + i] = x > 0.0 ? x : 0.0;
}
