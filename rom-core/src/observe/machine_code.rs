//! Machine code that writes a text to where the emulator records it, for the three places that ROMs
//! run in.

/// What a program does after it has spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Returns success.
    Return,
    /// Switches the machine off.
    PowerOff,
}

/// I/O port of QEMU's isa-debugcon.
const DEBUG_PORT: u16 = 0x402;
/// I/O port of QEMU's isa-debug-exit.
const EXIT_PORT: u16 = 0xF4;
/// What is written there: QEMU ends with status 65 then.
const EXIT_VALUE: u8 = 0x20;

/// 64-bit x86: a UEFI driver.
#[must_use]
pub fn x64(text: &str, then: Then) -> Vec<u8> {
    let mut code = Vec::new();
    // mov dx, imm16
    code.extend([0x66, 0xBA]);
    code.extend(DEBUG_PORT.to_le_bytes());
    say_to_port(text, &mut code);
    if then == Then::PowerOff {
        code.extend([0x66, 0xBA]);
        code.extend(EXIT_PORT.to_le_bytes());
        code.extend([0xB0, EXIT_VALUE, 0xEE]);
    }
    // xor eax, eax; ret
    code.extend([0x31, 0xC0, 0xC3]);
    code
}

/// 16-bit x86: a legacy image.
#[must_use]
pub fn x86_16(text: &str, then: Then) -> Vec<u8> {
    let mut code = Vec::new();
    // mov dx, imm16
    code.push(0xBA);
    code.extend(DEBUG_PORT.to_le_bytes());
    say_to_port(text, &mut code);
    if then == Then::PowerOff {
        code.push(0xBA);
        code.extend(EXIT_PORT.to_le_bytes());
        code.extend([0xB0, EXIT_VALUE, 0xEE]);
    }
    // retf
    code.push(0xCB);
    code
}

/// mov al, byte; out dx, al
fn say_to_port(text: &str, code: &mut Vec<u8>) {
    for byte in text.bytes() {
        code.extend([0xB0, byte, 0xEE]);
    }
}

/// 64-bit Arm: a UEFI driver. It writes to the PL011 of QEMU's virt machine.
#[must_use]
pub fn arm64(text: &str, then: Then) -> Vec<u8> {
    // movz x1, #0x900, lsl #16
    let mut words = vec![0xD2A1_2001];
    for byte in text.bytes() {
        // movz w2, #byte; strb w2, [x1]
        words.extend([0x5280_0002 | (u32::from(byte) << 5), 0x3900_0022]);
    }
    if then == Then::PowerOff {
        // PSCI SYSTEM_OFF: movz w0, #8; movk w0, #0x8400, lsl #16; hvc #0
        words.extend([0x5280_0100, 0x72B0_8000, 0xD400_0002]);
    }
    // mov x0, #0; ret
    words.extend([0xD280_0000, 0xD65F_03C0]);
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}
