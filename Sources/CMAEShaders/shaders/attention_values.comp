// output = weights · values, for one head of one image in each z.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define SECOND_FACTOR_BY_ROWS
#include "canonical.glsl"
#include "attention.glsl"
layout(std430, binding = 0) readonly buffer QKV { float qkv[]; };
layout(std430, binding = 1) readonly buffer Weights { float weights[]; };
layout(std430, binding = 2) writeonly buffer Output { float outputs[]; };

float first_factor(uint row, uint k) {
    return row < tokens && k < tokens ? weights[(gl_WorkGroupID.z * tokens + row) * tokens + k] : 0.0;
}
float second_factor(uint k, uint column) { return column < width && k < tokens ? qkv[place(2, k) + column] : 0.0; }
void element(uint row, uint column, float total) {
    if (row >= tokens || column >= width) return;
    outputs[((image() * tokens + row) * heads + head()) * width + column] = total;
}
#include "product.glsl"
void main() { multiply(tokens); }
