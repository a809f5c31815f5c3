//! Downloads a ROM and proves it.
//!
//! A source that cannot be reached, or does not have the file, is followed by the next. A source that gives other bytes than the
//! catalog pins ends everything: somebody's word is wrong, and trying on until one fits would hide that.

use crate::args;
use crate::env::Reporter;
use crate::error::{CliError, Exit};
use crate::place::Partial;
use jiff::Timestamp;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use reqwest::{Certificate, StatusCode, Url};
use rom_core::Digest;
use rom_core::catalog::{LARGEST_ROM, RomEntry};
use std::error::Error as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Redirects that are followed; GitHub needs one.
const REDIRECTS: usize = 5;
/// Pause before the first retry; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_millis(500);
/// A transfer may last so many times as long as it may stand still.
const PATIENCE: u32 = 10;
/// Bytes that are taken at once.
const BLOCK: usize = 64 << 10;

/// What the bytes have to be.
pub(crate) struct Pinned<'a> {
    /// The file's name, for messages and for mirrors.
    pub(crate) name: &'a str,
    /// Its digest.
    pub(crate) sha256: Digest,
    /// Its length, where known.
    pub(crate) size: Option<u64>,
}

impl<'a> Pinned<'a> {
    /// What the catalog says of `rom`.
    pub(crate) fn of(rom: &'a RomEntry) -> Self {
        Self { name: &rom.name, sha256: rom.sha256, size: rom.size }
    }

    fn most(&self) -> u64 {
        self.size.unwrap_or(LARGEST_ROM).min(LARGEST_ROM)
    }
}

/// Why a source gave nothing.
enum Failure {
    /// It may work in a moment.
    Passing(String),
    /// It will not work from here.
    Lasting(String),
    /// Not worth, or not allowed, to go on.
    Final(CliError),
}

/// Fills `partial` with `rom` from the first source that has it: the mirrors in their order, then the catalog's address. Says which.
pub(crate) fn download(
    rom: &RomEntry,
    network: &args::Network,
    partial: &mut Partial,
    reporter: &dyn Reporter,
) -> Result<String, CliError> {
    let pinned = Pinned::of(rom);
    let mut sources = network.mirrors.iter().map(|mirror| source(mirror, &rom.name)).collect::<Result<Vec<_>, _>>()?;
    sources.push(Source::parse(&rom.url, false)?);
    let mut reasons = Vec::new();
    let count = sources.len();
    for (index, source) in sources.iter().enumerate() {
        match from_source(source, &pinned, network, partial, reporter) {
            Ok(()) => return Ok(source.to_string()),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Passing(reason) | Failure::Lasting(reason)) => {
                let next = if index.saturating_add(1) < count { "; trying the next source" } else { "" };
                reporter.say(&format!("{source}: {reason}{next}"));
                reasons.push(format!("{source}: {reason}"));
            }
        }
    }
    let help = format!(
        "Check the connection and try again, or name another source with --mirror URL. Without a network: bring {} on a stick and \
         give it with --from FILE.",
        rom.name
    );
    Err(CliError::new(Exit::Network, format_args!("cannot download {}: {}", rom.name, reasons.join("; ")), help))
}

/// Fills `partial` from a file that the user has, which must be the pinned bytes.
pub(crate) fn copy(path: &Path, pinned: &Pinned<'_>, partial: &mut Partial, reporter: &dyn Reporter) -> Result<(), CliError> {
    let file = File::open(path).map_err(|error| CliError::file("read", path, &error))?;
    let failed = |error: &io::Error| CliError::file("read", path, error);
    match receive(file, pinned, partial, None, reporter) {
        Ok(()) => prove(pinned, partial, &path.display().to_string()),
        Err(Broken::Source(error)) => Err(failed(&error)),
        Err(Broken::TooLong) => Err(too_long(pinned, &path.display().to_string())),
        Err(Broken::Sink(error)) => Err(partial.error(&error)),
        Err(Broken::TooSlow) => Err(failed(&ErrorKind::TimedOut.into())),
    }
}

/// Bytes of an answer that are read: GitHub's for a release has 60 KB.
const LONGEST_ANSWER: u64 = 4 << 20;

/// What the server at `address` answers. `named` says that the user named it, as he may a mirror: then it may be http or a file.
pub(crate) fn answer(
    address: &str,
    named: bool,
    network: &args::Network,
    reporter: &dyn Reporter,
) -> Result<Vec<u8>, CliError> {
    let source = Source::parse(address, named)?;
    let reason = match retrying(&source, network, reporter, || answer_once(&source, network)) {
        Ok(bytes) => return Ok(bytes),
        Err(Failure::Final(error)) => return Err(error),
        Err(Failure::Passing(reason) | Failure::Lasting(reason)) => reason,
    };
    let help =
        "Check the connection and try again. Without a network: save the answer elsewhere and give it with --from file:PATH.";
    Err(CliError::new(Exit::Network, format!("{source}: {reason}"), help))
}

fn answer_once(source: &Source, network: &args::Network) -> Result<Vec<u8>, Failure> {
    let (url, plain_http) = match source {
        Source::File(path) => {
            return crate::files::read_text(path, LONGEST_ANSWER).map(String::into_bytes).map_err(Failure::Final);
        }
        Source::Web { url, plain_http } => (url, *plain_http),
    };
    let mut bytes = Vec::new();
    let read = request(url, plain_http, network)?.take(LONGEST_ANSWER.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Ok(_) if u64::try_from(bytes.len()).is_ok_and(|length| length <= LONGEST_ANSWER) => Ok(bytes),
        Ok(_) => Err(Failure::Lasting("the answer does not end".to_owned())),
        Err(error) if error.kind() == ErrorKind::TimedOut => Err(Failure::Passing(STALLED.to_owned())),
        Err(_) => Err(Failure::Passing("the connection broke in the middle of the answer".to_owned())),
    }
}

/// Where a ROM can be had.
enum Source {
    File(PathBuf),
    Web { url: Url, plain_http: bool },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Web { url, .. } => write!(f, "{url}"),
        }
    }
}

impl Source {
    /// Reads an address. Only a mirror, which the user named himself, may be http or a file.
    fn parse(text: &str, mirror: bool) -> Result<Self, CliError> {
        let wrong = |why: &str| {
            let help = "An address begins with https://. A mirror may also begin with http:// or file:, and is the folder of the ROMs.";
            CliError::new(Exit::Usage, format_args!("{text:?} {why}"), help)
        };
        if let Some(path) = text.strip_prefix("file:").filter(|_| mirror) {
            return Ok(Self::File(path.strip_prefix("//").unwrap_or(path).into()));
        }
        let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
        match url.scheme() {
            "https" => Ok(Self::Web { url, plain_http: false }),
            "http" if mirror => Ok(Self::Web { url, plain_http: true }),
            _ => Err(wrong("is not https")),
        }
    }
}

/// The file `name` of a mirror.
fn source(mirror: &str, name: &str) -> Result<Source, CliError> {
    Source::parse(&format!("{}/{name}", mirror.trim_end_matches('/')), true)
}

/// Fills `partial` from one source, again and again while that may help.
fn from_source(
    source: &Source,
    pinned: &Pinned<'_>,
    network: &args::Network,
    partial: &mut Partial,
    reporter: &dyn Reporter,
) -> Result<(), Failure> {
    reporter.say(&format!("getting {} from {source}", pinned.name));
    retrying(source, network, reporter, || {
        let result = match source {
            Source::File(path) => from_file(path, pinned, partial, reporter),
            Source::Web { url, plain_http } => from_web(url, *plain_http, pinned, network, partial, reporter),
        };
        if result.is_err() {
            partial.restart().map_err(|error| Failure::Final(partial.error(&error)))?;
        }
        result
    })
}

/// What `attempt` gives, tried again while its failure may pass.
fn retrying<T>(
    source: &Source,
    network: &args::Network,
    reporter: &dyn Reporter,
    mut attempt: impl FnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut pause = BACK_OFF;
    for _ in 0..network.retries {
        match attempt() {
            Err(Failure::Passing(reason)) => reporter.say(&format!("{source}: {reason}; trying again")),
            other => return other,
        }
        thread::sleep(pause);
        pause = pause.saturating_mul(2);
    }
    attempt()
}

/// Asks for `url`; the body of an answer that says yes.
fn request(url: &Url, plain_http: bool, network: &args::Network) -> Result<Body, Failure> {
    let deadline = Instant::now().checked_add(Duration::from_secs(network.timeout).saturating_mul(PATIENCE));
    let client = client(network, plain_http).map_err(Failure::Final)?;
    let response = client.get(url.clone()).send().map_err(|error| request_failure(&error))?;
    if response.status().is_success() { Ok(Body { response, deadline }) } else { Err(status_failure(response.status())) }
}

fn from_file(path: &Path, pinned: &Pinned<'_>, partial: &mut Partial, reporter: &dyn Reporter) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| Failure::Lasting(CliError::file("read", path, &error).what))?;
    filled(receive(file, pinned, partial, None, reporter), pinned, partial, &path.display().to_string())
}

fn from_web(
    url: &Url,
    plain_http: bool,
    pinned: &Pinned<'_>,
    network: &args::Network,
    partial: &mut Partial,
    reporter: &dyn Reporter,
) -> Result<(), Failure> {
    let body = request(url, plain_http, network)?;
    if body.response.content_length().is_some_and(|length| length > pinned.most()) {
        return Err(Failure::Final(too_long(pinned, url.as_str())));
    }
    let received = receive(body, pinned, partial, pinned.size, reporter);
    reporter.finished();
    filled(received, pinned, partial, url.as_str())
}

fn filled(received: Result<(), Broken>, pinned: &Pinned<'_>, partial: &mut Partial, from: &str) -> Result<(), Failure> {
    match received {
        Ok(()) => prove(pinned, partial, from).map_err(Failure::Final),
        Err(Broken::Source(error)) if error.kind() == ErrorKind::TimedOut => Err(Failure::Passing(STALLED.to_owned())),
        Err(Broken::Source(_)) => Err(Failure::Passing("the connection broke in the middle of the file".to_owned())),
        Err(Broken::TooSlow) => Err(Failure::Lasting("it is too slow to be waited for".to_owned())),
        Err(Broken::TooLong) => Err(Failure::Final(too_long(pinned, from))),
        Err(Broken::Sink(error)) => Err(Failure::Final(partial.error(&error))),
    }
}

const STALLED: &str = "nothing came for too long";

/// A response that is not waited for longer than until `deadline`.
struct Body {
    response: Response,
    deadline: Option<Instant>,
}

impl Read for Body {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        self.response.read(block).map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
            if inner.is_some_and(reqwest::Error::is_timeout) { ErrorKind::TimedOut.into() } else { error }
        })
    }
}

/// Why not all of a source arrived in the temporary file.
enum Broken {
    Source(io::Error),
    Sink(io::Error),
    TooLong,
    TooSlow,
}

/// Copies `source` into `partial`, no more than the pinned length.
fn receive(
    mut source: impl Read,
    pinned: &Pinned<'_>,
    partial: &mut Partial,
    total: Option<u64>,
    reporter: &dyn Reporter,
) -> Result<(), Broken> {
    let mut block = vec![0; BLOCK];
    loop {
        let length = match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::QuotaExceeded => return Err(Broken::TooSlow),
            Err(error) => return Err(Broken::Source(error)),
        };
        partial.write_all(block.get(..length).unwrap_or_default()).map_err(Broken::Sink)?;
        if partial.length() > pinned.most() {
            return Err(Broken::TooLong);
        }
        reporter.progress(partial.length(), total);
    }
}

/// The bytes are the pinned ones, or an error says what they are instead.
fn prove(pinned: &Pinned<'_>, partial: &mut Partial, from: &str) -> Result<(), CliError> {
    let digest = partial.digest();
    if digest == pinned.sha256 {
        return Ok(());
    }
    let bytes = partial.contents()?;
    let analysis = rom_core::analyze(&bytes, &rom_core::Context::default());
    let instead = analysis.findings.iter().find(|finding| finding.image.is_none() && analysis.foreign.is_some());
    let instead = instead.map_or_else(String::new, |finding| format!(": it is {}", finding.code.title()));
    let what = format!(
        "{from} is not {}{instead}\n  expected  sha256 {}\n  got       sha256 {digest}, {} bytes",
        pinned.name,
        pinned.sha256,
        partial.length()
    );
    Err(CliError::new(Exit::Refused, what, refused_help(pinned.name)))
}

fn too_long(pinned: &Pinned<'_>, from: &str) -> CliError {
    let what = format!("{from} is not {}: it has more than {} bytes", pinned.name, pinned.most());
    CliError::new(Exit::Refused, what, refused_help(pinned.name))
}

fn refused_help(name: &str) -> String {
    format!(
        "Nothing was put in place. Either the source is wrong or the file was changed there: do not use it. For a file that you made \
         yourself: oprom install --from FILE --expect-sha256 HEX. The pinned hash of {name}: oprom list."
    )
}

fn status_failure(status: StatusCode) -> Failure {
    let text = format!("the server answers {status}");
    let passing = status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if passing { Failure::Passing(text) } else { Failure::Lasting(text) }
}

/// An error of the transport, in words.
fn request_failure(error: &reqwest::Error) -> Failure {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let told = |word: &str| causes.iter().any(|cause| cause.to_lowercase().contains(word));
    if error.is_redirect() {
        let why = if told(INSECURE) { "it redirects to an address that is not https" } else { "it redirects too often" };
        return Failure::Lasting(why.to_owned());
    }
    if told("certificate") && (told("not valid yet") || told("expired")) {
        let text = format!(
            "its certificate is not valid on {}. Is the clock of this host right?",
            Timestamp::now().strftime("%Y-%m-%d")
        );
        return Failure::Lasting(text);
    }
    if told("certificate") {
        let text = "its certificate is not trusted (a proxy in between? --cacert FILE adds its authority)";
        return Failure::Lasting(text.to_owned());
    }
    Failure::Passing(if error.is_timeout() {
        STALLED.to_owned()
    } else if told("dns") || told("lookup") {
        "its name cannot be resolved".to_owned()
    } else if told("refused") {
        "the connection is refused".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    })
}

/// What the redirect policy says of an address that is not https.
const INSECURE: &str = "not https";

fn client(network: &args::Network, plain_http: bool) -> Result<Client, CliError> {
    // An error says that one is installed already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let timeout = Duration::from_secs(network.timeout);
    let redirects = Policy::custom(move |attempt| {
        if attempt.previous().len() > REDIRECTS {
            attempt.error("too many")
        } else if attempt.url().scheme() == "https" || (plain_http && attempt.url().scheme() == "http") {
            attempt.follow()
        } else {
            attempt.error(INSECURE)
        }
    });
    let builder = Client::builder()
        .user_agent(concat!("oprom/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeout)
        .timeout(timeout)
        .redirect(redirects)
        .tls_certs_merge(authorities(network.cacert.as_deref())?);
    builder.build().map_err(|_| {
        let help = "Install the package ca-certificates, or give the authorities with --cacert FILE.";
        CliError::new(Exit::Failed, "the certificate authorities of this machine are not readable", help)
    })
}

fn authorities(file: Option<&Path>) -> Result<Vec<Certificate>, CliError> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let pem = fs::read(path).map_err(|error| CliError::file("read", path, &error))?;
    let certificates = Certificate::from_pem_bundle(&pem).ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| {
        let help = "The file holds blocks that begin with -----BEGIN CERTIFICATE-----.";
        CliError::new(Exit::Failed, format_args!("{} holds no certificate", path.display()), help)
    })
}
