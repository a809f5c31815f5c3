//! Downloads a ROM and proves it.
//!
//! A source that cannot be reached, or does not have the file, is followed by the next. A source
//! that gives other bytes than the catalog pins ends everything: somebody's word is wrong, and
//! trying on until one fits would hide that.

mod error;
mod http;

pub(crate) use error::{Broken, FetchError, Mismatch, SourceError};

use crate::address::{Address, AddressError, ShownAddress};
use crate::atomic::TempFile;
use reqwest::Url;
use rom_core::Digest;
use rom_core::catalog::{LARGEST_ROM, RomEntry};
use rom_core::file_kind::FileKind;
use rom_host::root;
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Pause before the first retry; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_millis(500);
/// Bytes that are taken at once.
const BLOCK: usize = 64 << 10;
/// Bytes of an answer that are read: GitHub's for a release has 60 KB.
const LONGEST_ANSWER: u64 = 4 << 20;

/// How the network is used.
pub(crate) struct Network {
    /// Folders that are asked before the catalog's address, in their order.
    pub(crate) mirrors: Vec<Address>,
    /// The proxy that is configured here.
    pub(crate) proxy: Option<Url>,
    /// A PEM file with certificate authorities that are trusted too.
    pub(crate) authorities: Option<PathBuf>,
    /// How long nothing may come.
    pub(crate) timeout: Duration,
    /// How often a failure that may pass is tried again.
    pub(crate) retries: u32,
    /// Whether only files are read.
    pub(crate) offline: bool,
}

/// What happens in the course of a download.
pub(crate) enum Event<'a> {
    /// A source is asked for a file of this name.
    Asks(&'a str, &'a ShownAddress),
    /// A source failed, and is asked again.
    Retries(&'a ShownAddress, &'a SourceError),
    /// A source gave nothing; the next one is asked if there is one.
    GivesUp {
        /// The source.
        from: &'a ShownAddress,
        /// Why.
        why: &'a SourceError,
        /// Whether it was the last one.
        last: bool,
    },
    /// Bytes received, and the total where that is known.
    Received(u64, Option<u64>),
    /// A transfer is over.
    Finished,
}

/// Sees what happens in the course of a download.
pub(crate) trait Observer {
    /// `event` has happened.
    fn event(&self, event: &Event<'_>);
}

/// What the bytes have to be.
#[derive(Clone, Copy)]
pub(crate) struct Pinned<'a> {
    /// The file's name, for messages and for mirrors.
    pub(crate) name: &'a str,
    /// Its digest.
    pub(crate) sha256: Digest,
    /// Its length, where known.
    pub(crate) size: Option<u64>,
    /// Who says so.
    pub(crate) by: PinnedBy,
}

/// Who says what bytes have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinnedBy {
    /// The catalog.
    Catalog,
    /// The user, with `--expect-sha256`.
    User,
}

impl<'a> Pinned<'a> {
    /// What the catalog says of `rom`.
    pub(crate) fn of(rom: &'a RomEntry) -> Self {
        Self { name: &rom.name, sha256: rom.sha256, size: rom.size, by: PinnedBy::Catalog }
    }

    /// The most bytes that are taken: a catalog's word is not believed beyond the largest ROM.
    fn most(&self) -> u64 {
        self.size.unwrap_or(LARGEST_ROM).min(LARGEST_ROM)
    }
}

/// A request for one file of the catalog.
struct Download<'a> {
    pinned: Pinned<'a>,
    network: &'a Network,
    observer: &'a dyn Observer,
}

/// Where `rom` is asked for: the mirrors in their order, then the catalog's address.
pub(crate) fn sources(rom: &RomEntry, network: &Network) -> Result<Vec<Address>, AddressError> {
    let mut sources: Vec<Address> =
        network.mirrors.iter().map(|mirror| mirror.join(&rom.name)).collect();
    sources.push(Address::of_catalog(&rom.url)?);
    if network.offline {
        sources.retain(|source| matches!(source, Address::File(_)));
    }
    Ok(sources)
}

/// Fills `temp` with `rom` from the first source that has it. Says which.
pub(crate) fn download(
    rom: &RomEntry,
    network: &Network,
    temp: &mut TempFile,
    observer: &dyn Observer,
) -> Result<ShownAddress, FetchError> {
    let sources = sources(rom, network)?;
    if sources.is_empty() {
        return Err(FetchError::Offline(rom.name.clone()));
    }
    let download = Download { pinned: Pinned::of(rom), network, observer };
    let mut attempts = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let from = source.shown();
        match download.ask(source, temp) {
            Ok(()) => return Ok(from),
            Err(error) => {
                let why = error.source_error()?;
                let last = index.saturating_add(1) == sources.len();
                observer.event(&Event::GivesUp { from: &from, why: &why, last });
                attempts.push((from, why));
            }
        }
    }
    Err(FetchError::NoSource { name: rom.name.clone(), attempts })
}

/// Fills `temp` from a file that the user has, which must be the pinned bytes.
pub(crate) fn copy(path: &Path, pinned: Pinned<'_>, temp: &mut TempFile) -> Result<(), FetchError> {
    let from = ShownAddress::of_path(path);
    let failed = |source| FetchError::Read(path.to_owned(), source);
    let file = root::open(path).map_err(failed)?;
    match receive(file, &pinned, temp, &mut |_| {}) {
        Ok(()) => prove(&pinned, temp, &from),
        Err(Broken::Source(error)) => Err(failed(error)),
        Err(broken) => Err(broken_off(broken, &pinned, temp, &from)),
    }
}

/// What the server at `address` answers.
pub(crate) fn answer(
    address: &Address,
    network: &Network,
    observer: &dyn Observer,
) -> Result<Vec<u8>, FetchError> {
    let from = address.shown();
    if network.offline && matches!(address, Address::Web { .. }) {
        return Err(FetchError::Offline(from.to_string()));
    }
    let result = retrying(&from, network, observer, || match address {
        Address::File(path) => {
            root::read(path, LONGEST_ANSWER).map_err(|error| FetchError::Read(path.clone(), error))
        }
        Address::Web { url, plain_http } => {
            let body = http::request(url, *plain_http, network)?;
            root::read_whole(body, LONGEST_ANSWER)
                .map_err(|error| SourceError::of_read(error).into())
        }
    });
    result.map_err(|error| match error.source_error() {
        Ok(why) => FetchError::NoAnswer(from, why),
        Err(error) => error,
    })
}

/// What `attempt` gives, tried again while its failure may pass.
fn retrying<T>(
    from: &ShownAddress,
    network: &Network,
    observer: &dyn Observer,
    mut attempt: impl FnMut() -> Result<T, FetchError>,
) -> Result<T, FetchError> {
    let mut pause = BACK_OFF;
    for _ in 0..network.retries {
        match attempt() {
            Err(FetchError::Source(why)) if why.may_pass() => {
                observer.event(&Event::Retries(from, &why));
            }
            other => return other,
        }
        thread::sleep(pause);
        pause = pause.saturating_mul(2);
    }
    attempt()
}

impl Download<'_> {
    /// Fills `temp` from one source, again and again while that may help.
    fn ask(&self, source: &Address, temp: &mut TempFile) -> Result<(), FetchError> {
        let from = source.shown();
        self.observer.event(&Event::Asks(self.pinned.name, &from));
        retrying(&from, self.network, self.observer, || {
            let result = self.once(source, &from, temp);
            if result.is_err() {
                temp.restart().map_err(|error| FetchError::Write(temp.error(error)))?;
            }
            result
        })
    }

    fn once(
        &self,
        source: &Address,
        from: &ShownAddress,
        temp: &mut TempFile,
    ) -> Result<(), FetchError> {
        let total = self.pinned.size;
        let mut seen = |received| self.observer.event(&Event::Received(received, total));
        let received = match source {
            Address::File(path) => {
                let file = root::open(path).map_err(SourceError::File)?;
                receive(file, &self.pinned, temp, &mut |_| {})
            }
            Address::Web { url, plain_http } => {
                let body = http::request(url, *plain_http, self.network)?;
                if body.announced().is_some_and(|length| length > self.pinned.most()) {
                    return Err(too_long(&self.pinned, from));
                }
                let received = receive(body, &self.pinned, temp, &mut seen);
                self.observer.event(&Event::Finished);
                received
            }
        };
        received.map_err(|broken| broken_off(broken, &self.pinned, temp, from))?;
        prove(&self.pinned, temp, from)
    }
}

fn broken_off(
    broken: Broken,
    pinned: &Pinned<'_>,
    temp: &TempFile,
    from: &ShownAddress,
) -> FetchError {
    match broken {
        Broken::Source(error) => SourceError::of_read(error).into(),
        Broken::TooLong => too_long(pinned, from),
        Broken::Sink(error) => FetchError::Write(temp.error(error)),
    }
}

/// Copies `source` into `temp`, no more than the pinned length.
fn receive(
    mut source: impl Read,
    pinned: &Pinned<'_>,
    temp: &mut TempFile,
    seen: &mut dyn FnMut(u64),
) -> Result<(), Broken> {
    let mut block = vec![0; BLOCK];
    loop {
        let length = match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Source(error)),
        };
        temp.write_all(block.get(..length).unwrap_or_default()).map_err(Broken::Sink)?;
        if temp.length() > pinned.most() {
            return Err(Broken::TooLong);
        }
        seen(temp.length());
    }
}

/// The bytes are the pinned ones, or an error says what they are instead.
fn prove(pinned: &Pinned<'_>, temp: &mut TempFile, from: &ShownAddress) -> Result<(), FetchError> {
    let digest = temp.digest();
    if digest == pinned.sha256 {
        return Ok(());
    }
    let bytes = temp.contents().map_err(FetchError::Write)?;
    let kind = rom_core::file_kind::identify(&bytes);
    let is_rom = matches!(kind, FileKind::OptionRom);
    Err(FetchError::Mismatch(Box::new(Mismatch {
        from: from.clone(),
        name: pinned.name.to_owned(),
        expected: pinned.sha256,
        pinned_by: pinned.by,
        got: digest,
        length: temp.length(),
        instead: (!is_rom).then(|| kind.to_string()),
    })))
}

fn too_long(pinned: &Pinned<'_>, from: &ShownAddress) -> FetchError {
    FetchError::TooLong { from: from.clone(), name: pinned.name.to_owned(), most: pinned.most() }
}

impl From<AddressError> for FetchError {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl From<SourceError> for FetchError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// Probe stopped because the transfer is slower than it is waited for.
#[derive(Debug, thiserror::Error)]
#[error("the transfer is too slow")]
pub(super) struct TooSlow;

impl From<TooSlow> for io::Error {
    fn from(error: TooSlow) -> Self {
        Self::other(error)
    }
}
