//! Authenticode: the certificate table of a PE image, and the digests that firmware compares.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::digest::Digest;
use crate::layout::pe::{CertificateEntry, DataDirectory, OptionalHeader, PeHeader};
use crate::model::{DigestAlgorithm, Pe, Signature, Signed, Signer};
use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use cms::cert::x509::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier};
use sha2::{Sha256, Sha384, Sha512};

/// Reads the signature of `pe`, which is at the start of `file`.
pub(super) fn read(file: Window<'_>, pe: &Pe) -> Signature {
    let Some(table) = pe.certificates else { return Signature::Absent };
    let (found, table_filled) = first_signature(file, table);
    let signed = found.and_then(|span| Some((span, file.cut(span.offset, span.length)?)));
    match signed.and_then(|(span, data)| authenticode(data.bytes()).map(|content| (span, content)))
    {
        Some((span, content)) => {
            Signature::Present(Box::new(signed_image(file, pe, table, span, table_filled, content)))
        }
        None => Signature::Unreadable,
    }
}

/// Where the first PKCS #7 signature of the table stands, and whether the entries fill the table
/// exactly.
fn first_signature(file: Window<'_>, table: Span) -> (Option<Span>, bool) {
    let mut found = None;
    let mut at = table.offset;
    while at < table.end() {
        let Some(entry) = structure::<CertificateEntry>(file, at) else { return (found, false) };
        let length = usize::try_from(entry.length).unwrap_or(usize::MAX);
        let next = at
            .saturating_add(length)
            .checked_next_multiple_of(CertificateEntry::ALIGNMENT)
            .unwrap_or(usize::MAX);
        if length <= CertificateEntry::SIZE || next > table.end() {
            return (found, false);
        }
        if entry.kind == CertificateEntry::PKCS_SIGNED_DATA && found.is_none() {
            found = Some(Span::new(
                at.saturating_add(CertificateEntry::SIZE),
                length.saturating_sub(CertificateEntry::SIZE),
            ));
        }
        at = next;
    }
    (found, true)
}

/// What a signature says.
struct Content {
    algorithm: DigestAlgorithm,
    digest: Vec<u8>,
    signers: Vec<Signer>,
}

/// Reads a PKCS #7 signature over a PE image (Windows Authenticode Portable Executable Signature
/// Format 1.0).
fn authenticode(data: &[u8]) -> Option<Content> {
    let info = ContentInfo::decode(&mut SliceReader::new(data).ok()?).ok()?;
    let signed: SignedData = info.content.decode_as().ok()?;
    let (algorithm, digest) = indirect_data(signed.encap_content_info.econtent.as_ref()?.value())?;
    let certificates: Vec<&Certificate> = signed
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| {
            if let CertificateChoices::Certificate(certificate) = choice {
                Some(certificate)
            } else {
                None
            }
        })
        .collect();
    let signers =
        signed.signer_infos.0.iter().filter_map(|info| signer(&info.sid, &certificates)).collect();
    Some(Content { algorithm, digest, signers })
}

/// The digest in `SpcIndirectDataContent`: a sequence of what is signed and of an algorithm with a
/// digest.
fn indirect_data(content: &[u8]) -> Option<(DigestAlgorithm, Vec<u8>)> {
    let mut reader = SliceReader::new(content).ok()?;
    AnyRef::decode(&mut reader).ok()?;
    reader
        .sequence(|digest_info| {
            let algorithm = digest_info.sequence(|algorithm| {
                let name = ObjectIdentifier::decode(algorithm)?;
                if !algorithm.is_finished() {
                    AnyRef::decode(algorithm)?;
                }
                Ok(name)
            })?;
            Ok((algorithm_of(algorithm), OctetStringRef::decode(digest_info)?.as_bytes().to_vec()))
        })
        .ok()
}

fn algorithm_of(name: ObjectIdentifier) -> DigestAlgorithm {
    match name.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => DigestAlgorithm::Sha256,
        "2.16.840.1.101.3.4.2.2" => DigestAlgorithm::Sha384,
        "2.16.840.1.101.3.4.2.3" => DigestAlgorithm::Sha512,
        _ => DigestAlgorithm::Other,
    }
}

fn signer(id: &SignerIdentifier, certificates: &[&Certificate]) -> Option<Signer> {
    let SignerIdentifier::IssuerAndSerialNumber(id) = id else { return None };
    let certificate = certificates.iter().find(|certificate| {
        certificate.tbs_certificate.serial_number == id.serial_number
            && certificate.tbs_certificate.issuer == id.issuer
    })?;
    Some(Signer {
        subject: certificate.tbs_certificate.subject.to_string(),
        thumbprint: Digest::of(&certificate.to_der().ok()?),
    })
}

fn signed_image(
    file: Window<'_>,
    pe: &Pe,
    table: Span,
    span: Span,
    table_filled: bool,
    content: Content,
) -> Signed {
    let end = table.end().max(pe.extent);
    Signed {
        span,
        algorithm: content.algorithm,
        image: image_digest(file.first(end), pe, table.length, content.algorithm),
        handed: image_digest(file, pe, table.length, content.algorithm),
        signed: content.digest,
        table_filled,
        signers: content.signers,
    }
}

/// The digest of a PE image.
fn image_digest(
    file: Window<'_>,
    pe: &Pe,
    certificates: usize,
    algorithm: DigestAlgorithm,
) -> Option<Vec<u8>> {
    let parts = hashed_parts(file, pe, certificates)?;
    match algorithm {
        DigestAlgorithm::Sha256 => Some(digest_of::<Sha256>(&parts)),
        DigestAlgorithm::Sha384 => Some(digest_of::<Sha384>(&parts)),
        DigestAlgorithm::Sha512 => Some(digest_of::<Sha512>(&parts)),
        DigestAlgorithm::Other => None,
    }
}

/// What the digest runs over: headers without checksum and certificate directory, sections by their
/// place in the file, and what is neither of these nor certificates (edk2,
/// `DxeImageVerificationLib.c`, `HashPeImage`). `None` if it leads out of the file, or has more
/// bytes than that.
fn hashed_parts<'a>(file: Window<'a>, pe: &Pe, certificates: usize) -> Option<Vec<Window<'a>>> {
    let mut parts = Vec::new();
    let mut add = |start: usize, end: usize| {
        parts.push(file.cut(start, end.checked_sub(start)?)?);
        Some(())
    };
    let optional = pe.header_offset.checked_add(PeHeader::SIZE)?;
    // It is at the same place in both formats.
    let check_sum = OptionalHeader::AT.check_sum;
    let check_sum_at = optional.checked_add(check_sum.offset)?;
    let header_size =
        if pe.magic == Pe::PE32 { OptionalHeader::SIZE_PE32 } else { OptionalHeader::SIZE };
    let before = DataDirectory::CERTIFICATES.checked_mul(DataDirectory::SIZE)?;
    let directory = optional.checked_add(header_size)?.checked_add(before)?;
    let headers = usize::try_from(pe.size_of_headers).ok()?;
    add(0, check_sum_at)?;
    add(check_sum_at.checked_add(check_sum.length)?, directory)?;
    add(directory.checked_add(DataDirectory::SIZE)?, headers)?;
    let mut sections: Vec<Span> =
        pe.sections.iter().map(|section| section.raw).filter(|raw| raw.length > 0).collect();
    sections.sort_by_key(|raw| raw.offset);
    let mut hashed = headers;
    for raw in sections {
        add(raw.offset, raw.end())?;
        hashed = hashed.checked_add(raw.length)?;
    }
    // Sections that lie over each other would be hashed again and again.
    if hashed > file.len() {
        return None;
    }
    if file.len() > hashed {
        let end = file.len().checked_sub(certificates)?;
        add(hashed, end)?;
    }
    Some(parts)
}

fn digest_of<D: sha2::Digest>(parts: &[Window<'_>]) -> Vec<u8> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part.bytes());
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PKCS_SIGNED_DATA: u16 = CertificateEntry::PKCS_SIGNED_DATA;

    fn table(entries: &[(u32, u16, usize)]) -> Vec<u8> {
        let mut bytes = vec![0; 16];
        for (length, kind, data) in entries {
            bytes.extend(length.to_le_bytes());
            bytes.extend([0, 2]);
            bytes.extend(kind.to_le_bytes());
            bytes.resize(bytes.len() + data, 0);
        }
        bytes
    }

    fn first(entries: &[(u32, u16, usize)]) -> (Option<usize>, bool) {
        let bytes = table(entries);
        let (found, filled) =
            first_signature(Window::of_file(&bytes), Span::new(16, bytes.len() - 16));
        (found.map(|span| span.offset), filled)
    }

    #[test]
    fn algorithms_are_told_by_their_numbers() {
        use DigestAlgorithm::{Other, Sha256, Sha384, Sha512};
        let of = |last: u32| {
            algorithm_of(ObjectIdentifier::new(&format!("2.16.840.1.101.3.4.2.{last}")).unwrap())
        };
        assert_eq!([1, 2, 3, 4].map(of), [Sha256, Sha384, Sha512, Other]);
    }

    #[test]
    fn the_first_signature_counts_and_entries_fill_the_table() {
        const X509: u16 = 1;
        assert_eq!(first(&[(16, PKCS_SIGNED_DATA, 8)]), (Some(24), true));
        assert_eq!(
            first(&[(16, X509, 8), (16, PKCS_SIGNED_DATA, 8), (16, PKCS_SIGNED_DATA, 8)]),
            (Some(40), true)
        );
        assert_eq!(first(&[(16, X509, 8)]), (None, true));
        assert_eq!(first(&[(9, PKCS_SIGNED_DATA, 8)]), (Some(24), true));
        assert_eq!(first(&[(16, PKCS_SIGNED_DATA, 8), (8, X509, 8)]), (Some(24), false));
        assert_eq!(first(&[(16, PKCS_SIGNED_DATA, 8), (17, X509, 8)]), (Some(24), false));
        assert_eq!(first(&[(16, PKCS_SIGNED_DATA, 12)]), (Some(24), false));
    }
}
