//! Authenticode signatures.

use crate::bytes::Span;
use crate::digest::Digest;

/// The signature of a PE image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signature {
    /// There is none.
    Absent,
    /// A certificate table is named, but holds no readable signature.
    Unreadable,
    /// There is one.
    Present(Box<Signed>),
}

/// A readable signature. Whether the mathematics of it are right is not looked at: that needs the
/// keys that the firmware trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Where the signature is in the PE image.
    pub span: Span,
    /// The digest algorithm.
    pub algorithm: DigestAlgorithm,
    /// The digest of the PE image that was signed.
    pub signed: Vec<u8>,
    /// The digest of the PE image as it is, without what is after its certificate table;
    /// `None` for an algorithm that is not known, or sections that lead out of the image or lie
    /// over each other.
    pub image: Option<Vec<u8>>,
    /// The digest of all that firmware hands over, with any padding.
    pub handed: Option<Vec<u8>>,
    /// Whether the entries of the certificate table fill it exactly.
    pub table_filled: bool,
    /// Who signed.
    pub signers: Vec<Signer>,
}

impl Signed {
    /// Whether the PE image is what was signed.
    #[must_use]
    pub fn image_matches(&self) -> bool {
        self.image.as_ref() == Some(&self.signed)
    }

    /// Whether firmware, which counts in what is after the PE image, comes to the digest that
    /// was signed.
    #[must_use]
    pub fn handed_matches(&self) -> bool {
        self.handed.as_ref() == Some(&self.signed)
    }
}

/// A digest algorithm of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// Another one.
    Other,
}

impl DigestAlgorithm {
    /// The usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Other => "unknown",
        }
    }
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Subject of the certificate, as RFC 4514 writes it.
    pub subject: String,
    /// SHA-256 of the certificate.
    pub thumbprint: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_have_words() {
        use DigestAlgorithm::{Other, Sha256, Sha384, Sha512};
        assert_eq!(
            [Sha256, Sha384, Sha512, Other].map(DigestAlgorithm::name),
            ["SHA-256", "SHA-384", "SHA-512", "unknown"]
        );
    }
}
