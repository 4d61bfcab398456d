// Division and square root, correctly rounded: an estimate may come from anywhere, an exact remainder in integers decides.

// A reciprocal good to about 22 bits, of a number in 1 ..< 2.
float reciprocal_estimate(float x) {
    precise float r = uintBitsToFloat(0x7EF311C7u - floatBitsToUint(x));
    for (int i = 0; i < 3; i++) {
        precise float product = x * r;
        precise float factor = 2.0 - product;
        r = r * factor;
    }
    return r;
}

float divide(float a, float b) {
    uint x = floatBitsToUint(a), y = floatBitsToUint(b);
    uint sign = (x ^ y) & 0x80000000u;
    uint mx = x & 0x7FFFFFFFu, my = y & 0x7FFFFFFFu;
    bool invalid = mx > 0x7F800000u || my > 0x7F800000u || (mx == my && (mx == 0u || mx == 0x7F800000u));
    if (invalid) return uintBitsToFloat(0x7FC00000u);
    if (mx == 0x7F800000u || my == 0u) return uintBitsToFloat(sign | 0x7F800000u);
    if (mx == 0u || my == 0x7F800000u) return uintBitsToFloat(sign);

    uint dividend, divisor;
    int exponent_x, exponent_y;
    take_apart(x, dividend, exponent_x);
    take_apart(y, divisor, exponent_y);
    // The quotient is in 1 ..< 2 after this.
    int raise = dividend < divisor ? 1 : 0;
    dividend <<= raise;
    precise float r = reciprocal_estimate(uintBitsToFloat(divisor & 0x7FFFFFu | 0x3F800000u));
    // floor(dividend · 2^24 / divisor) to within a few units, then exactly; differences are small, so 32 bits hold them.
    precise float scaled = float(dividend) * 2.0;
    precise float estimate = scaled * r;
    uint quotient = uint(estimate);
    int remainder = int((dividend << 24) - quotient * divisor);
    precise float step_estimate = float(remainder) * r;
    precise float step_scaled = step_estimate * uintBitsToFloat(0x34000000u);
    int correction = int(floor(step_scaled));
    quotient += uint(correction);
    remainder -= correction * int(divisor);
    if (remainder < 0) { quotient--; remainder += int(divisor); }
    if (remainder >= int(divisor)) { quotient++; remainder -= int(divisor); }
    return rounded(sign, quotient << 1 | uint(remainder != 0), exponent_x - exponent_y - raise - 25);
}

// Digit by digit: once a row, so its 25 steps cost nothing.
float square_root(float a) {
    uint x = floatBitsToUint(a);
    if ((x & 0x7FFFFFFFu) == 0u || x == 0x7F800000u) return a;
    if (x > 0x7F800000u) return uintBitsToFloat(0x7FC00000u);
    uint significand;
    int exponent;
    take_apart(x, significand, exponent);
    // significand · 2^exponent with an odd exponent: so that, times 2^25, the exponent is even.
    if ((exponent & 1) == 0) { significand <<= 1; exponent--; }
    uint digits = significand << 1, root = 0u, remainder = 0u;
    for (int step = 12; step > -13; step--) {
        uint pair = step >= 0 ? digits >> (2 * step) & 3u : 0u;
        remainder = remainder << 2 | pair;
        uint trial = root << 2 | 1u;
        bool fits = remainder >= trial;
        remainder -= fits ? trial : 0u;
        root = root << 1 | uint(fits);
    }
    return rounded(0u, root << 1 | uint(remainder != 0u), (exponent - 25) / 2 - 1);
}
