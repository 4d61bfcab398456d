// Each function of the contract on arrays, for tests.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "canonical.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint FUNCTION = 0;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) readonly buffer C { float c[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Problem { uint count; };
void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    float result;
    switch (FUNCTION) {
    case 0: result = fused(a[i], b[i], c[i]); break;
    case 1: result = divide(a[i], b[i]); break;
    case 2: result = square_root(a[i]); break;
    case 3: result = exponential(a[i]); break;
    default: result = activated(a[i], FUNCTION - 4); break;
    }
    y[i] = result;
}
