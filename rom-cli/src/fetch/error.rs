//! What can go wrong in getting a file.

use super::{PinnedBy, TooSlow};
use crate::address::{AddressError, ShownAddress};
use crate::atomic::SlotError;
use jiff::Timestamp;
use reqwest::StatusCode;
use rom_core::Digest;
use rom_host::root::TooLarge;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Why a file was not got.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// A text is not an address.
    #[error(transparent)]
    Address(AddressError),
    /// One source gave nothing.
    #[error(transparent)]
    Source(SourceError),
    /// No source has the file: each, and why.
    #[error("cannot download {name}: {}", listed(attempts))]
    NoSource {
        /// The file.
        name: String,
        /// Each source, and why it gave nothing.
        attempts: Vec<(ShownAddress, SourceError)>,
    },
    /// The network is not to be used.
    #[error("{0} is not downloaded: the network is not to be used (offline)")]
    Offline(String),
    /// A server gave no answer.
    #[error("{0}: {1}")]
    NoAnswer(ShownAddress, #[source] SourceError),
    /// The bytes are not the pinned ones.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
    /// There are more bytes than the file can have.
    #[error("{from} is not {name}: it has more than {most} bytes")]
    TooLong {
        /// The source.
        from: ShownAddress,
        /// The file.
        name: String,
        /// The most bytes that it can have.
        most: u64,
    },
    /// A file of the user's cannot be read.
    #[error("cannot read {}: {}", .0.display(), .1)]
    Read(PathBuf, #[source] io::Error),
    /// The temporary file cannot be written, or read back.
    #[error(transparent)]
    Write(SlotError),
    /// A file of certificate authorities holds none.
    #[error("{} contains no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// The client cannot be made: the authorities of this machine are not readable.
    #[error("the certificate authorities of this machine are not readable")]
    NoAuthorities(#[source] reqwest::Error),
}

impl FetchError {
    /// Why one source gave nothing; an error that ends everything stays one.
    pub(super) fn source_error(self) -> Result<SourceError, Self> {
        match self {
            Self::Source(error) => Ok(error),
            other => Err(other),
        }
    }
}

fn listed(attempts: &[(ShownAddress, SourceError)]) -> String {
    attempts.iter().map(|(from, why)| format!("{from}: {why}")).collect::<Vec<_>>().join("; ")
}

/// What came instead of the pinned bytes.
#[derive(Debug, thiserror::Error)]
#[error(
    "{from} is not {name}{}\n  expected  sha256 {expected}\n  got       sha256 {got}, {length} \
        bytes",
    instead.as_ref().map_or_else(String::new, |instead| format!(": it is {instead}"))
)]
pub(crate) struct Mismatch {
    /// The source.
    pub(crate) from: ShownAddress,
    /// The file.
    pub(crate) name: String,
    /// The pinned digest.
    pub(crate) expected: Digest,
    /// Who pinned it.
    pub(crate) pinned_by: PinnedBy,
    /// The digest of what came.
    pub(crate) got: Digest,
    /// How many bytes came.
    pub(crate) length: u64,
    /// What kind of file it is, if it is not an option ROM.
    pub(crate) instead: Option<String>,
}

/// Why one source gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// The server answers, and not with the file.
    #[error("the server answers {0}")]
    Status(StatusCode),
    /// It leads to an address that is not https.
    #[error("it redirects to an address that is not https")]
    InsecureRedirect(#[source] reqwest::Error),
    /// It leads from one address to the next.
    #[error("it redirects too often")]
    TooManyRedirects(#[source] reqwest::Error),
    /// Its certificate is of another time.
    #[error("its certificate is not valid on {}. Is the clock of this host right?", Timestamp::now().strftime("%Y-%m-%d"))]
    CertificateTime(#[source] reqwest::Error),
    /// Nobody who is trusted vouches for its certificate.
    #[error(
        "its certificate is not trusted (a proxy in between? --cacert FILE adds its authority)"
    )]
    Certificate(#[source] reqwest::Error),
    /// Nothing came for too long.
    #[error("no data came for too long")]
    Stalled(#[source] Box<dyn Error + Send + Sync>),
    /// It sends too little at a time.
    #[error("the transfer is too slow")]
    TooSlow(#[source] io::Error),
    /// Its name, or that of the proxy, is unknown.
    #[error("{} cannot be resolved", proxy.as_ref().map_or_else(|| "its name".to_owned(), |proxy| format!("the name of the proxy {proxy}")))]
    NoName {
        /// The proxy of the environment, if it is the one.
        proxy: Option<ShownAddress>,
        /// What the resolver said.
        source: io::Error,
    },
    /// The connection is refused.
    #[error("{} is refused", proxy.as_ref().map_or_else(|| "the connection".to_owned(), |proxy| format!("the connection to the proxy {proxy}")))]
    Refused {
        /// The proxy of the environment, if it is the one.
        proxy: Option<ShownAddress>,
        /// What the transport said.
        source: reqwest::Error,
    },
    /// The proxy is there, and makes no connection.
    #[error("the proxy {proxy} refuses the connection")]
    Proxy {
        /// The proxy of the environment.
        proxy: ShownAddress,
        /// What the transport said.
        source: reqwest::Error,
    },
    /// There is no connection.
    #[error("no connection")]
    NoConnection(#[source] reqwest::Error),
    /// The connection broke before the file began.
    #[error("the connection broke")]
    Broke(#[source] reqwest::Error),
    /// The connection broke later.
    #[error("the connection broke in the middle of the file")]
    BrokeInside(#[source] io::Error),
    /// The answer has no end.
    #[error("the answer has no end")]
    Endless(#[source] io::Error),
    /// A file of a mirror cannot be read.
    #[error("{0}")]
    File(#[source] io::Error),
}

impl SourceError {
    /// Whether it may work in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                    )
            }
            Self::Stalled(_)
            | Self::NoName { .. }
            | Self::Refused { .. }
            | Self::Proxy { .. }
            | Self::NoConnection(_)
            | Self::Broke(_)
            | Self::BrokeInside(_) => true,
            Self::InsecureRedirect(_)
            | Self::TooManyRedirects(_)
            | Self::CertificateTime(_)
            | Self::Certificate(_)
            | Self::TooSlow(_)
            | Self::Endless(_)
            | Self::File(_) => false,
        }
    }

    /// Why reading a body stopped.
    pub(super) fn of_read(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut {
            return Self::Stalled(error.into());
        }
        match error.get_ref() {
            Some(inner) if inner.is::<TooSlow>() => Self::TooSlow(error),
            Some(inner) if inner.is::<TooLarge>() => Self::Endless(error),
            _ => Self::BrokeInside(error),
        }
    }
}

/// Why not all of a source arrived in the temporary file.
pub(crate) enum Broken {
    /// Probe it failed.
    Source(io::Error),
    /// Writing failed.
    Sink(io::Error),
    /// There is more than there can be.
    TooLong,
}
