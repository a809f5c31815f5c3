//! Bytes written as text, in the ways in which tools and people write them.

use std::fmt::Write as _;

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<String>>().join(between)
}

fn letters(bytes: &[u8]) -> String {
    let shown = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
    bytes.iter().map(shown).collect()
}

/// Lines of `width` bytes; lines like the one before them become one star, where that is wanted.
fn lines(
    bytes: &[u8],
    width: usize,
    squeeze: bool,
    line: impl Fn(usize, &[u8]) -> String,
) -> String {
    let mut text = String::new();
    let mut before: Option<&[u8]> = None;
    let mut starred = false;
    for (index, chunk) in bytes.chunks(width).enumerate() {
        if squeeze && before == Some(chunk) {
            if !starred {
                text.push_str("*\n");
            }
            starred = true;
            continue;
        }
        (starred, before) = (false, Some(chunk));
        let _ = writeln!(text, "{}", line(index * width, chunk));
    }
    text
}

/// `hexdump -C`.
pub(crate) fn hexdump_canonical(bytes: &[u8]) -> String {
    let line = |at: usize, chunk: &[u8]| {
        let (first, second) = chunk.split_at(chunk.len().min(8));
        format!("{at:08x}  {}  {}  |{}|", hex(first, " "), hex(second, " "), letters(chunk))
    };
    format!("{}{:08x}\n", lines(bytes, 16, true, line), bytes.len())
}

fn words(chunk: &[u8]) -> Vec<u16> {
    chunk
        .chunks(2)
        .map(|word| u16::from_le_bytes([word[0], word.get(1).copied().unwrap_or(0)]))
        .collect()
}

/// `xxd` with groups of so many bytes.
fn xxd(bytes: &[u8], group: usize) -> String {
    lines(bytes, 16, false, |at, chunk| {
        let groups: Vec<String> = chunk.chunks(group).map(|group| hex(group, "")).collect();
        format!("{at:08x}: {}  {}", groups.join(" "), letters(chunk))
    })
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (index, chunk) in bytes.chunks(3).enumerate() {
        let word = u32::from_be_bytes([
            0,
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ]);
        for place in 0..4 {
            let value = (word >> (18 - 6 * place)) & 0x3F;
            let ended = usize::try_from(place).unwrap() > chunk.len();
            text.push(if ended {
                '='
            } else {
                char::from(LETTERS[usize::try_from(value).unwrap()])
            });
        }
        if index % 19 == 18 {
            text.push('\n');
        }
    }
    text
}

/// What mail programs write for data that is mostly text.
pub(crate) fn quoted_printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut column = 0;
    for byte in bytes {
        if *byte == b'\n' {
            text.push('\n');
            column = 0;
            continue;
        }
        if column > 70 {
            text += "=\n";
            column = 0;
        }
        if (b'!'..=b'~').contains(byte) && *byte != b'=' {
            text.push(char::from(*byte));
            column += 1;
        } else {
            let _ = write!(text, "={byte:02X}");
            column += 3;
        }
    }
    text
}

pub(crate) fn uuencode(bytes: &[u8]) -> String {
    let letter =
        |value: u32| char::from(if value == 0 { b'`' } else { 0x20 + value.to_le_bytes()[0] });
    let mut text = "begin 644 igd.rom\n".to_owned();
    for line in bytes.chunks(45) {
        text.push(letter(u32::try_from(line.len()).unwrap()));
        for group in line.chunks(3) {
            let byte = |index: usize| group.get(index).copied().unwrap_or(0);
            let word = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
            text.extend([18, 12, 6, 0].map(|place| letter(word >> place & 0x3F)));
        }
        text.push('\n');
    }
    text + "`\nend\n"
}

/// `od -An -t x1`: lines equal to the one before are one star, and no offset says how many.
pub(crate) fn equal_lines_left_out(bytes: &[u8]) -> Vec<u8> {
    lines(bytes, 16, true, |_, chunk| format!(" {}", hex(chunk, " "))).into_bytes()
}

pub(crate) fn intel_hex(bytes: &[u8]) -> String {
    let record = |body: Vec<u8>| {
        let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
        format!(":{}{sum:02X}\n", hex(&body, "").to_uppercase())
    };
    let mut text = record(vec![2, 0, 0, 4, 0, 0x0C]);
    for (index, chunk) in bytes.chunks(16).enumerate() {
        let at = u16::try_from(index * 16).unwrap().to_be_bytes();
        text += &record([&[u8::try_from(chunk.len()).unwrap(), at[0], at[1], 0], chunk].concat());
    }
    text + ":00000001FF\n"
}

pub(crate) fn s_records(bytes: &[u8]) -> String {
    let mut text = "S00600004844521B\n".to_owned();
    for (index, chunk) in bytes.chunks(16).enumerate() {
        let at = u32::try_from(index * 16).unwrap().to_be_bytes();
        let body = [&[u8::try_from(chunk.len() + 4).unwrap()], &at[1..], chunk].concat();
        let sum = body.iter().fold(0xFF_u8, |sum, byte| sum.wrapping_sub(*byte));
        let _ = writeln!(text, "S2{}{sum:02X}", hex(&body, "").to_uppercase());
    }
    text + "S804000000FB\n"
}

/// A file of Windows' registry, in UTF-16, with another value before the ROM.
pub(crate) fn registry(bytes: &[u8]) -> Vec<u8> {
    let value: Vec<String> = bytes.chunks(25).map(|chunk| hex(chunk, ",")).collect();
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Video]\r\n\
         \"name\"=\"x\"\r\n\"other\"=hex(3):01,02\r\n\"vbios\"=hex:{}\r\n",
        value.join(",\\\r\n  ")
    );
    super::make::utf16(&text)
}

/// What `PowerShell`'s `Format-Hex` prints.
fn power_shell(bytes: &[u8]) -> String {
    format!(
        "           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\n{}",
        lines(bytes, 16, false, |at, chunk| format!(
            "{at:08X}   {}  {}",
            hex(chunk, " ").to_uppercase(),
            letters(chunk)
        ))
    )
}

/// What `certutil -encodehex` of Windows writes.
fn certutil(bytes: &[u8]) -> String {
    lines(bytes, 16, false, |at, chunk| {
        let (first, second) = chunk.split_at(chunk.len().min(8));
        format!("{at:04x}\t{}  {}   {}", hex(first, " "), hex(second, " "), letters(chunk))
    })
}

/// `xxd -p`.
pub(crate) fn digits(bytes: &[u8]) -> String {
    lines(bytes, 30, false, |_, chunk| hex(chunk, ""))
}

/// An array of C.
pub(crate) fn array(bytes: &[u8]) -> String {
    let row = |chunk: &[u8]| {
        chunk.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<String>>().join(", ")
    };
    let rows: Vec<String> = bytes.chunks(12).map(row).collect();
    format!("unsigned char rom[] = {{\n{}\n}};\n", rows.join(",\n"))
}

/// What `repr` of Python writes.
pub(crate) fn literal(bytes: &[u8]) -> String {
    let mut text = "b'".to_owned();
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b'\n' => text += "\\n",
            b'\r' => text += "\\r",
            b'\t' => text += "\\t",
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text + "'\n"
}

/// Decimal numbers, as PowerShell prints an array of bytes.
pub(crate) fn decimals(bytes: &[u8]) -> String {
    bytes.iter().map(ToString::to_string).collect::<Vec<String>>().join(" ")
}

/// A table as `acpidump` writes it, below its name.
pub(crate) fn acpidump(bytes: &[u8]) -> String {
    lines(bytes, 16, false, |at, chunk| {
        format!("    {at:04X}: {}  {}", hex(chunk, " ").to_uppercase(), letters(chunk))
    })
}

/// A byte as `od -c` and `hexdump -c` show it, in four columns.
fn shown_byte(byte: u8) -> String {
    let shown = match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        b'\r' => "\\r".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    };
    format!("{shown:>4}")
}

/// More ways, of tools and languages that are rarer.
fn rarer(bytes: &[u8]) -> Vec<(&'static str, &'static str, String)> {
    let rows = |show: fn(&u8) -> String| {
        let row = |chunk: &[u8]| chunk.iter().map(show).collect::<Vec<String>>().join(", ");
        bytes.chunks(16).map(row).collect::<Vec<String>>().join(",\n")
    };
    let joined = |bytes: &[u8], show: fn(u8) -> String| {
        bytes.iter().map(|byte| show(*byte)).collect::<Vec<String>>().concat()
    };
    let end = |text: String| format!("{text}{:07x}\n", bytes.len());
    let end_octal = |text: String| format!("{text}{:07o}\n", bytes.len());
    let bits = lines(bytes, 6, false, |at, chunk| {
        let bits: Vec<String> = chunk.iter().map(|byte| format!("{byte:08b}")).collect();
        format!("{at:08x}: {}  {}", bits.join(" "), letters(chunk))
    });
    let padded = |chunk: &[u8]| joined(chunk, |byte| format!(" {byte:3}"));
    let od_decimal_bytes = lines(bytes, 16, true, |at, chunk| format!("{at:07o}{}", padded(chunk)));
    let hexdump_decimal = lines(bytes, 16, true, |at, chunk| {
        let words: Vec<String> = words(chunk).iter().map(|word| format!("{word:05}")).collect();
        format!("{at:07x}   {}", words.join("   "))
    });
    let od_letters =
        lines(bytes, 16, true, |at, chunk| format!("{at:07o}{}", joined(chunk, shown_byte)));
    let debug = lines(bytes, 16, false, |at, chunk| {
        let (first, second) = chunk.split_at(chunk.len().min(8));
        let hex = format!("{}-{}", hex(first, " "), hex(second, " ")).to_uppercase();
        format!("C000:{at:04X}  {hex}   {}", letters(chunk))
    });
    let octal_string = joined(bytes, |byte| format!("\\{byte:03o}"));
    vec![
        ("C, decimal", ARRAY, format!("char rom[9] = {{ {} }};", rows(ToString::to_string))),
        ("C, octal", ARRAY, format!("char rom[] = {{ {} }};", rows(|byte| format!("0{byte:03o}")))),
        (
            "Java",
            ARRAY,
            format!("byte[] rom = {{ {} }};", rows(|byte| byte.cast_signed().to_string())),
        ),
        ("Java, casts", ARRAY, format!("x = {{{}}};", rows(|byte| format!("(byte)0x{byte:02x}")))),
        ("Rust", ARRAY, format!("const ROM: [u8; 9] = [{}];", rows(|byte| format!("{byte:#04x}")))),
        ("assembly", ARRAY, format!("rom:\n\tdb {}\n", rows(|byte| format!("0{byte:02X}h")))),
        ("Python's hex", ARRAY, format!("[{}]", rows(|byte| format!("'{byte:#x}'")))),
        ("Pascal", ARRAY, rows(|byte| format!("${byte:02X}"))),
        ("C, octal string", "string", format!("char rom[] =\n  \"{octal_string}\";\n")),
        ("printf", "string", format!("printf '{octal_string}' > igd.rom\n")),
        ("xxd -b", DUMP, bits),
        ("od -t u1", DUMP, end_octal(od_decimal_bytes)),
        ("hexdump -d", DUMP, end(hexdump_decimal)),
        ("od -c", DUMP, end_octal(od_letters)),
        ("DEBUG", DUMP, debug),
        (
            "reg query",
            "registry",
            format!("HKLM\\X\n    rom    REG_BINARY    {}\n", hex(bytes, "")),
        ),
        ("bits", DIGITS, rows(|byte| format!("{byte:08b}")).replace(',', "")),
    ]
}

const DUMP: &str = "hex dump";
const DIGITS: &str = "hex digits";
const ARRAY: &str = "array";

/// Every way to write `bytes`, with what it is called.
pub(crate) fn all(bytes: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let by_word = |line: fn(usize, Vec<u16>) -> String| {
        lines(bytes, 16, true, |at, chunk| line(at, words(chunk)))
    };
    let hexdump = by_word(|at, words| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:04x}")).collect();
        format!("{at:07x} {}", words.join(" "))
    });
    let od = by_word(|at, words| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:06o}")).collect();
        format!("{at:07o} {}", words.join(" "))
    });
    let od_x = by_word(|at, words| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:04x}")).collect();
        format!("{at:07o} {}", words.join(" "))
    });
    let od_bytes = lines(bytes, 16, true, |at, chunk| format!("{at:07o} {}", hex(chunk, " ")));
    let od_decimal = lines(bytes, 16, true, |at, chunk| format!("{at:07} {}", hex(chunk, " ")));
    let od_octal = lines(bytes, 16, true, |at, chunk| {
        let octal: Vec<String> = chunk.iter().map(|byte| format!("{byte:03o}")).collect();
        format!("{at:07o} {}", octal.join(" "))
    });
    let xxd_little = lines(bytes, 16, false, |at, chunk| {
        let reversed = |word: &[u8]| hex(&word.iter().rev().copied().collect::<Vec<u8>>(), "");
        let words: Vec<String> = chunk.chunks(4).map(reversed).collect();
        format!("{at:08x}: {}   {}", words.join(" "), letters(chunk))
    });
    let comma_rows = |bytes: &[u8], width: usize, show: fn(&u8) -> String| {
        let row = |chunk: &[u8]| chunk.iter().map(show).collect::<Vec<String>>().join(", ");
        bytes.chunks(width).map(row).collect::<Vec<String>>().join(",\n")
    };
    let c_array = format!(
        "unsigned char rom[] = {{\n{}\n}};\nunsigned int rom_len = {};\n",
        comma_rows(bytes, 12, |byte| format!("0x{byte:02x}")),
        bytes.len()
    );
    let commented = bytes.chunks(8).enumerate().fold(
        "static const uint8_t rom[] = {\n".to_owned(),
        |text, (index, chunk)| {
            let row: Vec<String> = chunk.iter().map(|byte| format!("0x{byte:02X},")).collect();
            format!("{text}  /* 0x{:04x} */ {} // row {index}\n", index * 8, row.join(" "))
        },
    ) + "};\n";
    let half_words: Vec<String> = words(bytes).iter().map(|word| format!("0x{word:04x}")).collect();
    let gdb = lines(bytes, 8, false, |at, chunk| {
        let row: Vec<String> = chunk.iter().map(|byte| format!("0x{byte:02x}")).collect();
        format!("0x{:x}:\t{}", 0xC_0000 + at, row.join("\t"))
    });
    let end = |text: String| format!("{text}{:07x}\n", bytes.len());
    let end_octal = |text: String| format!("{text}{:07o}\n", bytes.len());
    let canonical = hexdump_canonical(bytes);
    let prompt = format!("root@pve:~# hexdump -C igd.rom\n{canonical}root@pve:~#\n");
    let escaped = bytes.iter().fold(String::new(), |text, byte| text + &format!("\\x{byte:02x}"));
    let all: Vec<(&str, &str, String)> = vec![
        ("hexdump -C", DUMP, canonical.clone()),
        ("hexdump", DUMP, end(hexdump)),
        ("hexdump -C with a prompt", DUMP, prompt),
        ("od", DUMP, end_octal(od)),
        ("od -x", DUMP, end_octal(od_x)),
        ("od -t x1", DUMP, end_octal(od_bytes)),
        ("od -A d -t x1", DUMP, format!("{od_decimal}{:07}\n", bytes.len())),
        ("od -b", DUMP, end_octal(od_octal)),
        ("xxd", DUMP, xxd(bytes, 2)),
        ("xxd -g1", DUMP, xxd(bytes, 1)),
        ("xxd -g4", DUMP, xxd(bytes, 4)),
        ("xxd -e", DUMP, xxd_little),
        ("PowerShell's Format-Hex", DUMP, power_shell(bytes)),
        ("certutil -encodehex", DUMP, certutil(bytes)),
        ("xxd -p", DIGITS, lines(bytes, 30, false, |_, chunk| hex(chunk, ""))),
        ("one line", DIGITS, hex(bytes, "")),
        ("colons", DIGITS, hex(bytes, ":")),
        ("upper case", DIGITS, lines(bytes, 16, false, |_, chunk| hex(chunk, " ").to_uppercase())),
        ("xxd -i", ARRAY, c_array),
        ("comments", ARRAY, commented),
        ("half words", ARRAY, format!("uint16_t rom[] = {{ {} }};", half_words.join(","))),
        ("Python", "string", format!("rom = b\"{escaped}\"\n")),
        ("Python's repr", "string", literal(bytes)),
        ("decimal, without brackets", "decimal", decimals(bytes)),
        ("decimal", ARRAY, format!("[{}]", comma_rows(bytes, 16, ToString::to_string))),
        ("gdb", ARRAY, gdb),
        ("base64", "base64", base64(bytes)),
        ("base64, one line", "base64", base64(bytes).replace('\n', "")),
        (
            "data address",
            "base64",
            format!("data:application/octet-stream;base64,{}", base64(bytes).replace('\n', "")),
        ),
        ("PEM", "base64", format!("-----BEGIN ROM-----\n{}\n-----END ROM-----\n", base64(bytes))),
        ("Intel HEX", "Intel HEX", intel_hex(bytes)),
        ("S-records", "S-records", s_records(bytes)),
    ];
    let mut all: Vec<(&str, &str, Vec<u8>)> =
        all.into_iter().map(|(name, form, text)| (name, form, text.into_bytes())).collect();
    let rarer = rarer(bytes).into_iter().map(|(name, form, text)| (name, form, text.into_bytes()));
    all.extend(rarer);
    all.push(("registry", "registry", registry(bytes)));
    all.push(("hexdump -C in UTF-16", DUMP, super::make::utf16(&canonical)));
    all.push(("hexdump -C of Windows", DUMP, canonical.replace('\n', "\r\n").into_bytes()));
    all
}
