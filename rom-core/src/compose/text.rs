//! A specification as text, with the bytes that it was given beside it.

use super::spec::{Compressed, Content, Driver, Image, Kind, Named, NamedAlgorithm, Patch, Spec};
use std::fmt::{self, Write as _};

/// A specification as text, and the files that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// TOML.
    pub text: String,
    /// Names and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Spec {
    /// Writes it as `FromStr` parses it. Bytes that it was given become files, named after `stem`.
    ///
    /// # Errors
    /// None in practice: writing to a text does not fail.
    pub fn write(&self, stem: &str) -> Result<Written, fmt::Error> {
        let mut written = Written { text: String::new(), files: Vec::new() };
        writeln!(written.text, "purpose = {}", toml_string(&self.purpose))?;
        contents(&mut written, "before", &self.before, &format!("{stem}-before"))?;
        patches(&mut written.text, "patch", &self.patch)?;
        if let Some(length) = self.cut_to {
            writeln!(written.text, "cut_to = {length}")?;
        }
        contents(&mut written, "after", &self.after, &format!("{stem}-end"))?;
        for (index, own) in self.image.iter().enumerate() {
            image(&mut written, own, &format!("{stem}-{index}"))?;
        }
        Ok(written)
    }
}

fn image(written: &mut Written, image: &Image, stem: &str) -> fmt::Result {
    let default = Image::new(image.kind.clone());
    let text = &mut written.text;
    writeln!(text, "\n[[image]]")?;
    match &image.kind {
        Kind::Named(Named::Efi) => writeln!(text, "kind = \"efi\"")?,
        Kind::Named(Named::Legacy) => writeln!(text, "kind = \"legacy\"")?,
        Kind::CodeType(code_type) => writeln!(text, "kind = {code_type}")?,
    }
    let mut number = |key: &str, value: u32, default: u32| {
        if value == default { Ok(()) } else { writeln!(text, "{key} = {value:#06x}") }
    };
    number("vendor", image.vendor.into(), default.vendor.into())?;
    number("device", image.device.into(), default.device.into())?;
    number("class", image.class, default.class)?;
    number("revision", image.revision.into(), default.revision.into())?;
    number("code_revision", image.code_revision.into(), default.code_revision.into())?;
    number("blocks", image.blocks.into(), default.blocks.into())?;
    number("pnp", image.pnp.into(), default.pnp.into())?;
    number("run_time_blocks", image.run_time_blocks.into(), default.run_time_blocks.into())?;
    for (key, value) in
        [("pcir_at", image.pcir_at), ("npde", image.npde), ("driver_at", image.driver_at)]
    {
        if let Some(value) = value {
            writeln!(text, "{key} = {value:#x}")?;
        }
    }
    for (key, value, default) in [("pcir", image.pcir, true), ("flush", image.flush, false)] {
        if value != default {
            writeln!(text, "{key} = {value}")?;
        }
    }
    if let Some(last) = image.last {
        writeln!(text, "last = {last}")?;
    }
    if !image.devices.is_empty() {
        let devices: Vec<String> = image.devices.iter().map(|id| format!("{id:#06x}")).collect();
        writeln!(text, "devices = [{}]", devices.join(", "))?;
    }
    if image.pointers != default.pointers {
        writeln!(text, "pointers = {:?}", image.pointers)?;
    }
    if let Some(code) = &image.code {
        writeln!(text, "code = {}", toml_string(code))?;
    }
    match image.compressed {
        Compressed::Uefi(false) => {}
        Compressed::Uefi(true) => writeln!(text, "compressed = true")?,
        Compressed::Named(NamedAlgorithm::Tiano) => writeln!(text, "compressed = \"tiano\"")?,
        Compressed::Named(NamedAlgorithm::Stored) => writeln!(text, "compressed = \"stored\"")?,
    }
    patches(text, "patch", &image.patch)?;
    patches(text, "damage", &image.damage)?;
    contents(written, "after", &image.after, &format!("{stem}-after"))?;
    if let Some(name) =
        file(&mut written.files, image.file.as_ref(), image.given.as_ref(), &format!("{stem}.rom"))
    {
        writeln!(written.text, "file = {}", toml_string(&name))?;
    }
    if image.kind == Kind::Named(Named::Efi) && image.given.is_none() {
        driver(written, &image.driver, stem)?;
    }
    Ok(())
}

fn driver(written: &mut Written, driver: &Driver, stem: &str) -> fmt::Result {
    let default = Driver::default();
    let text = &mut written.text;
    writeln!(text, "[image.driver]")?;
    for (key, value, default) in [
        ("machine", driver.machine, default.machine),
        ("subsystem", driver.subsystem, default.subsystem),
    ] {
        if value != default {
            writeln!(text, "{key} = {value:#06x}")?;
        }
    }
    if !driver.relocations {
        writeln!(text, "relocations = false")?;
    }
    for (key, value) in [("code", &driver.code), ("bytes", &driver.bytes)] {
        if let Some(value) = value {
            writeln!(text, "{key} = {}", toml_string(value))?;
        }
    }
    patches(text, "patch", &driver.patch)?;
    contents(written, "data", &driver.data, &format!("{stem}-data"))?;
    if let Some(name) = file(
        &mut written.files,
        driver.file.as_ref(),
        driver.given.as_ref(),
        &format!("{stem}.efi"),
    ) {
        writeln!(written.text, "file = {}", toml_string(&name))?;
    }
    Ok(())
}

/// The name of the file that holds given bytes.
fn file(
    files: &mut Vec<(String, Vec<u8>)>,
    name: Option<&String>,
    given: Option<&Vec<u8>>,
    own: &str,
) -> Option<String> {
    let name = name.map_or_else(|| own.to_owned(), String::clone);
    files.push((name.clone(), given?.clone()));
    Some(name)
}

fn contents(written: &mut Written, key: &str, parts: &[Content], stem: &str) -> fmt::Result {
    if parts.is_empty() {
        return Ok(());
    }
    let Written { text, files } = written;
    writeln!(text, "{key} = [")?;
    for (index, part) in parts.iter().enumerate() {
        match part {
            Content::Text { text: own } => writeln!(text, "  {{ text = {} }},", toml_string(own))?,
            Content::Hex { hex } => writeln!(text, "  {{ hex = {} }},", toml_string(hex))?,
            Content::Fill { fill, length } => {
                writeln!(text, "  {{ fill = {fill:#04x}, length = {length} }},")?;
            }
            Content::Words { words } => writeln!(text, "  {{ words = {words:?} }},")?,
            Content::File { file: name, given } => {
                let name = Some(name).filter(|name| !name.is_empty());
                if let Some(name) =
                    file(files, name, given.as_ref(), &format!("{stem}-{index}.bin"))
                {
                    writeln!(text, "  {{ file = {} }},", toml_string(&name))?;
                }
            }
            Content::AssignmentTable { assignment_table } => {
                writeln!(text, "  {{ assignment_table = {assignment_table:?} }},")?;
            }
        }
    }
    writeln!(text, "]")
}

fn patches(text: &mut String, key: &str, patches: &[Patch]) -> fmt::Result {
    if patches.is_empty() {
        return Ok(());
    }
    writeln!(text, "{key} = [")?;
    patches.iter().try_for_each(|patch| {
        writeln!(text, "  {{ at = {:#x}, hex = {} }},", patch.at, toml_string(&patch.hex))
    })?;
    writeln!(text, "]")
}

/// A string as TOML has it.
#[must_use]
pub(crate) fn toml_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                quoted.extend(format!("\\u{:04x}", u32::from(letter)).chars());
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
