// fma(a, b, c) = a·b + c, rounded once, in the form that the probe chose.
#ifdef FMA_FLOAT64
// The product is exact in float64, TwoSum gives the error of the addition, rounding to odd keeps it visible, and 53 bits
// are enough to round once more to 24 (Boldo and Melquiond, 2008).
float fused(float a, float b, float c) {
    precise double product = double(a) * double(b), addend = double(c);
    precise double sum = product + addend;
    precise double part = sum - product;
    precise double rest = sum - part;
    precise double low = product - rest;
    precise double high = addend - part;
    precise double error = low + high;
    uvec2 odd = unpackDouble2x32(sum);
    bool is_finite = (odd.y & 0x7FF00000u) != 0x7FF00000u;
    if (is_finite && error != 0.0 && (odd.x & 1u) == 0u) {
        // An even number's neighbour away from 0 needs no carry; towards 0 it may need a borrow.
        bool away = (error > 0.0) == (sum > 0.0);
        odd = away ? uvec2(odd.x + 1u, odd.y) : uvec2(odd.x - 1u, odd.x == 0u ? odd.y - 1u : odd.y);
    }
    precise float result = float(packDouble2x32(odd));
    return result;
}
#else
float fused(float a, float b, float c) {
    precise float result = fma(a, b, c);
    return result;
}
#endif
