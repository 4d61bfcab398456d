// Row reductions: 16 lanes a row, ROWS rows a workgroup.
layout(local_size_x = 16, local_size_y_id = 0) in;
layout(constant_id = 0) const uint ROWS = 4;
shared float lane_values[ROWS * 16];

// Adds the lanes of a row at distance 8, 4, 2, 1; every invocation of the workgroup must call it.
float sum_lanes(float lane) {
    uint row = gl_LocalInvocationID.y * 16, j = gl_LocalInvocationID.x;
    barrier();
    lane_values[row + j] = lane;
    barrier();
    for (uint distance = 8; distance > 0; distance /= 2) {
        if (j < distance) {
            precise float sum = lane_values[row + j] + lane_values[row + j + distance];
            lane_values[row + j] = sum;
        }
        barrier();
    }
    return lane_values[row];
}
