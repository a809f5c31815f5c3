//! Requests, and what the transport's errors mean. They are told apart by their types, not by their
//! words.

use super::{FetchError, Network, SourceError, TooSlow};
use crate::address::ShownAddress;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use reqwest::{Certificate, NoProxy, Proxy, Url};
use rom_host::root;
use rustls::CertificateError;
use std::error::Error;
use std::io::{self, ErrorKind, Read};
use std::net::ToSocketAddrs as _;
use std::path::Path;
use std::time::Instant;

/// Redirects that are followed; GitHub needs one.
const REDIRECTS: usize = 5;
/// A transfer may last so many times as long as it may stand still.
const PATIENCE: u32 = 10;
/// Bytes of a file of certificate authorities that are read: Debian's has 220 KB.
const LARGEST_PEM: u64 = 16 << 20;

/// A redirect leads to an address that is not https.
#[derive(Debug, thiserror::Error)]
#[error("the address is not https")]
struct Insecure;

/// There are more redirects than are followed.
#[derive(Debug, thiserror::Error)]
#[error("there are more than {REDIRECTS} redirects")]
struct TooMany;

/// The body of an answer, which is not waited for beyond its deadline.
pub(super) struct Body {
    response: Response,
    deadline: Option<Instant>,
}

impl Body {
    /// The length that the server announced.
    pub(super) fn announced(&self) -> Option<u64> {
        self.response.content_length()
    }
}

impl Read for Body {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(TooSlow.into());
        }
        self.response.read(block).map_err(|error| {
            let timed_out = find::<reqwest::Error>(&error).is_some_and(reqwest::Error::is_timeout);
            if timed_out { io::Error::new(ErrorKind::TimedOut, error) } else { error }
        })
    }
}

/// Asks for `url`; the body of an answer that says yes.
pub(super) fn request(url: &Url, plain_http: bool, network: &Network) -> Result<Body, FetchError> {
    let deadline = Instant::now().checked_add(network.timeout.saturating_mul(PATIENCE));
    let client = client(network, plain_http)?;
    let response = client.get(url.clone()).send().map_err(|error| failure(url, network, error))?;
    if response.status().is_success() {
        Ok(Body { response, deadline })
    } else {
        Err(SourceError::Status(response.status()).into())
    }
}

/// The error of type `T` that `error` is, or has as a cause.
fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // The cause of an error of the system is the cause of what it holds, not what it holds.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// What an error of the transport means.
fn failure(url: &Url, network: &Network, error: reqwest::Error) -> SourceError {
    if error.is_redirect() {
        return match find::<Insecure>(&error) {
            Some(_) => SourceError::InsecureRedirect(error),
            None => SourceError::TooManyRedirects(error),
        };
    }
    if let Some(rustls::Error::InvalidCertificate(why)) = find(&error) {
        return match why {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => SourceError::CertificateTime(error),
            _ => SourceError::Certificate(error),
        };
    }
    if error.is_timeout() {
        return SourceError::Stalled(error.into());
    }
    // The same rules by which the client chose.
    let proxy = url.as_str().parse().ok().and_then(|uri| Matcher::from_env().intercept(&uri));
    let proxy = proxy.and_then(|proxy| Url::parse(&proxy.uri().to_string()).ok());
    let proxy = network.proxy.clone().or(proxy);
    let shown = proxy.as_ref().map(|proxy| ShownAddress::of_text(proxy.as_str()));
    if find::<io::Error>(&error).is_some_and(|inner| inner.kind() == ErrorKind::ConnectionRefused) {
        return SourceError::Refused { proxy: shown, source: error };
    }
    if !error.is_connect() {
        return SourceError::Broke(error);
    }
    if let Some(source) = unresolved(proxy.as_ref().unwrap_or(url)) {
        return SourceError::NoName { proxy: shown, source };
    }
    match shown {
        Some(proxy) => SourceError::Proxy { proxy, source: error },
        None => SourceError::NoConnection(error),
    }
}

/// Why the name in `url` has no address; `None` if it has one. The transport does not say it, so it
/// is asked for again.
fn unresolved(url: &Url) -> Option<io::Error> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    (host, url.port_or_known_default().unwrap_or_default()).to_socket_addrs().err()
}

fn client(network: &Network, plain_http: bool) -> Result<Client, FetchError> {
    // An error says that one is installed already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let redirects = Policy::custom(move |attempt| {
        if attempt.previous().len() > REDIRECTS {
            attempt.error(TooMany)
        } else if attempt.url().scheme() == "https"
            || (plain_http && attempt.url().scheme() == "http")
        {
            attempt.follow()
        } else {
            attempt.error(Insecure)
        }
    });
    let builder = Client::builder()
        .user_agent(concat!("oprom/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(network.timeout)
        .timeout(network.timeout)
        .redirect(redirects)
        .tls_certs_merge(authorities(network.authorities.as_deref())?);
    let builder = match &network.proxy {
        Some(url) => match Proxy::all(url.clone()) {
            Ok(proxy) => builder.proxy(proxy.no_proxy(NoProxy::from_env())),
            Err(error) => return Err(SourceError::NoConnection(error).into()),
        },
        None => builder,
    };
    builder.build().map_err(FetchError::NoAuthorities)
}

fn authorities(file: Option<&Path>) -> Result<Vec<Certificate>, FetchError> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let pem =
        root::read(path, LARGEST_PEM).map_err(|error| FetchError::Read(path.to_owned(), error))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| FetchError::NoCertificate(path.to_owned()))
}
