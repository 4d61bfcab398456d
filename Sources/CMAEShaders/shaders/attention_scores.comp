// scores = queries · keysᵀ · scale, for one head of one image in each z.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "canonical.glsl"
#include "attention.glsl"
layout(std430, binding = 0) readonly buffer QKV { float qkv[]; };
layout(std430, binding = 1) writeonly buffer Scores { float scores[]; };

float first_factor(uint row, uint k) { return row < tokens && k < width ? qkv[place(0, row) + k] : 0.0; }
float second_factor(uint k, uint column) { return column < tokens && k < width ? qkv[place(1, column) + k] : 0.0; }
void element(uint row, uint column, float total) {
    if (row >= tokens || column >= tokens) return;
    precise float score = total * scale;
    scores[(gl_WorkGroupID.z * tokens + row) * tokens + column] = score;
}
#include "product.glsl"
void main() { multiply(width); }
