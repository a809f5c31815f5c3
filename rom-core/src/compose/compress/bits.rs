//! Bits, most significant first.

/// A growing string of bits.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    buffer: u64,
    held: u32,
}

impl Bits {
    /// Appends the lowest `width` bits of `value`, at most 32.
    pub(super) fn put(&mut self, value: u32, width: u32) {
        self.buffer = self.buffer.wrapping_shl(width) | u64::from(value);
        self.held = self.held.wrapping_add(width);
        while self.held >= 8 {
            self.held = self.held.wrapping_sub(8);
            let [byte, ..] = self.buffer.wrapping_shr(self.held).to_le_bytes();
            self.bytes.push(byte);
        }
    }

    /// The bytes, the last one filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.held > 0 {
            self.put(0, 8_u32.wrapping_sub(self.held));
        }
        self.bytes
    }
}
