//! What a table of graphics hardware says of itself.

use crate::count::Count;
use std::fmt;

/// A table by itself in a file: Intel's VBT or `OpRegion`, AMD's VFCT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableState {
    /// The product that a VBT names.
    pub product: Option<String>,
    /// Version of the data of a VBT.
    pub version: Option<u16>,
    /// Whether it is in a larger table: the VBT of an `OpRegion`.
    pub is_inner: bool,
    /// GPUs that a VFCT has an image for.
    pub images: Option<usize>,
    /// Bytes that it says it has and that are not in the file.
    pub missing: usize,
    /// Sum of its bytes, modulo 256; zero in a sound table. `None` if they are not all there.
    pub checksum: Option<u8>,
}

impl fmt::Display for TableState {
    /// What is known of it, to be put after its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(product) = self.product.as_ref().filter(|product| !product.is_empty()) {
            write!(f, " for {product}")?;
        }
        if let Some(version) = self.version {
            write!(f, ", data version {version}")?;
        }
        if let Some(images) = self.images {
            write!(f, " ({})", Count(images, "whole image"))?;
        }
        let what = if self.is_inner { "its Video BIOS Table" } else { "the table" };
        match (self.missing, self.checksum) {
            (0, Some(sum @ 1..)) => write!(
                f,
                "; the checksum of {what} is incorrect: its bytes sum to {sum:#04x} instead of 0"
            ),
            (0, _) => Ok(()),
            (missing, _) => write!(f, "; {what} is cut: {} missing", Missing(missing)),
        }
    }
}

/// So many bytes are.
struct Missing(usize);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.0 == 1 { "is" } else { "are" };
        write!(f, "{} {verb}", Count(self.0, "byte"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_described_by_what_it_says() {
        let vbt = TableState {
            product: Some("RAPTORLAKE".to_owned()),
            version: Some(250),
            checksum: Some(0),
            ..TableState::default()
        };
        assert_eq!(vbt.to_string(), " for RAPTORLAKE, data version 250");
        let vfct = TableState { images: Some(1), checksum: Some(5), ..TableState::default() };
        assert_eq!(
            vfct.to_string(),
            " (1 whole image); the checksum of the table is incorrect: its bytes sum to 0x05 instead of 0"
        );
        let cut = TableState { missing: 1, ..TableState::default() };
        assert_eq!(cut.to_string(), "; the table is cut: 1 byte is missing");
    }
}
