// output = residual + activation(input · weightᵀ + bias). Weights lie as PyTorch has them, (columns, depth).
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "canonical.glsl"
layout(constant_id = 6) const uint ACTIVATION = IDENTITY;
layout(constant_id = 7) const bool HAS_BIAS = false;
layout(constant_id = 8) const bool HAS_RESIDUAL = false;
layout(std430, binding = 0) readonly buffer Input { float inputs[]; };
layout(std430, binding = 1) readonly buffer Weights { float weights[]; };
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };
// May be the output itself.
layout(std430, binding = 3) buffer Residual { float residual[]; };  // aliased
layout(std430, binding = 4) buffer Output { float outputs[]; };  // aliased
layout(push_constant) uniform Problem { uint rows, columns, depth; };

float first_factor(uint row, uint k) { return row < rows && k < depth ? inputs[row * depth + k] : 0.0; }
float second_factor(uint k, uint column) { return column < columns && k < depth ? weights[column * depth + k] : 0.0; }
void element(uint row, uint column, float total) {
    if (row >= rows || column >= columns) return;
    precise float value = total;
    if (HAS_BIAS) value = value + bias[column];
    value = activated(value, ACTIVATION);
    if (HAS_RESIDUAL) value = residual[row * columns + column] + value;
    outputs[row * columns + column] = value;
}
#include "product.glsl"
void main() { multiply(depth); }
