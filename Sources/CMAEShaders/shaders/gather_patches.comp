// Kept patches as rows, in the order channel, row, column.
#version 450
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Images { uint images[]; };
layout(std430, binding = 1) readonly buffer Kept { int kept[]; };
layout(std430, binding = 2) writeonly buffer Output { uint outputs[]; };
layout(push_constant) uniform Problem {
    uint rows, kept_per_image, channels, image_height, image_width, patch_height, patch_width;
};

void main() {
    uint pixels = patch_height * patch_width, columns = channels * pixels, column = gl_GlobalInvocationID.x;
    if (column >= columns) return;
    uint channel = column / pixels, y = column % pixels / patch_width, x = column % patch_width;
    uint grid_width = image_width / patch_width;
    for (uint row = gl_WorkGroupID.y; row < rows; row += gl_NumWorkGroups.y) {
        uint image = row / kept_per_image, patch_index = uint(kept[row]);
        uint top = patch_index / grid_width * patch_height, left = patch_index % grid_width * patch_width;
        uint line = (image * channels + channel) * image_height + top + y;
        outputs[row * columns + column] = images[line * image_width + left + x];
    }
}
