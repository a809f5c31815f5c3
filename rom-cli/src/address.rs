//! Where a file can be had. An address can hold a password or a token: it is shown without.

use reqwest::Url;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file, or an address of the web. It is shown, and debugged, as its [`ShownAddress`].
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A file of this machine.
    File(PathBuf),
    /// An address of the web.
    Web {
        /// The whole of it.
        url: Url,
        /// Whether it may be http: only where the user named it.
        plain_http: bool,
    },
}

/// An address without user, password, query and fragment: the only form that is printed, stored or
/// compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownAddress(String);

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown} {why}")]
pub(crate) struct AddressError {
    /// The text, without what may be secret.
    shown: ShownAddress,
    why: &'static str,
}

impl Address {
    /// An address of the catalog's: https.
    pub(crate) fn of_catalog(text: &str) -> Result<Self, AddressError> {
        Self::parse(text, false)
    }

    /// An address that the user named: https, http, file, or the path of a folder.
    pub(crate) fn of_user(text: &str) -> Result<Self, AddressError> {
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::File(path.strip_prefix("//").unwrap_or(path).into()));
        }
        let is_path = text.starts_with(['/', '.']) || Path::new(text).is_dir();
        if is_path { Ok(Self::File(text.into())) } else { Self::parse(text, true) }
    }

    /// The address of a proxy: http or https.
    pub(crate) fn of_proxy(text: &str) -> Result<Url, AddressError> {
        match Self::parse(text, true)? {
            Self::Web { url, .. } => Ok(url),
            Self::File(_) => {
                Err(AddressError { shown: ShownAddress::of_text(text), why: "is not an address" })
            }
        }
    }

    fn parse(text: &str, plain_http: bool) -> Result<Self, AddressError> {
        let wrong = |why| AddressError { shown: ShownAddress::of_text(text), why };
        let url = Url::parse(text).map_err(|_| wrong("is not an address"))?;
        match url.scheme() {
            "https" => Ok(Self::Web { url, plain_http: false }),
            "http" if plain_http => Ok(Self::Web { url, plain_http: true }),
            _ => Err(wrong("is not https")),
        }
    }

    /// The file `name` of the folder that this is. A query stays behind it.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self {
            Self::File(folder) => Self::File(folder.join(name)),
            Self::Web { url, plain_http } => {
                let mut url = url.clone();
                // An address of http or https always has a path.
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty().push(name);
                }
                Self::Web { url, plain_http: *plain_http }
            }
        }
    }

    /// It, without what may be secret.
    pub(crate) fn shown(&self) -> ShownAddress {
        match self {
            Self::File(path) => ShownAddress(path.display().to_string()),
            Self::Web { url, .. } => ShownAddress::of_url(url),
        }
    }
}

impl ShownAddress {
    /// A path of this machine.
    pub(crate) fn of_path(path: &Path) -> Self {
        Self(path.display().to_string())
    }

    /// An address without user, password, query and fragment.
    fn of_url(url: &Url) -> Self {
        // An @ after the host is more often that of a password with a slash in it.
        if url.path().contains('@') {
            return Self(format!("{}://...", url.scheme()));
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Self(format!("{}://{host}{port}{}", url.scheme(), url.path()))
    }

    /// What is meant as an address, whether it is one or not.
    pub(crate) fn of_text(text: &str) -> Self {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        match (Url::parse(text), scheme) {
            (Ok(url), _) if url.has_host() => Self::of_url(&url),
            (_, Some(scheme)) if text.contains(['@', '?', '#']) => Self(format!("{scheme}://...")),
            (_, None) if text.contains(['@', '?', '#']) => Self("the address".to_owned()),
            _ => Self(format!("{text:?}")),
        }
    }
}

impl fmt::Display for ShownAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 6] = ["user", "passw0rd", "t0ken", "sig", "frag", "pa%40ss"];

    #[test]
    fn secrets_are_never_shown() {
        for text in [
            "https://user:passw0rd@mirror.example/roms?t0ken=1#frag",
            "https://user@mirror.example/roms",
            "http://user:pa%40ss@[::1]:8080/roms/?sig=2",
            "https://user:passw0rd/with@mirror.example/roms",
            "https://user:12/passw0rd@mirror.example/roms",
            "https://user:passw0rd@mirror.example:port/roms",
            "ftp://user:passw0rd@mirror.example/roms?t0ken=1",
            "user:passw0rd@mirror.example",
            "https://?t0ken",
            "mirror.example/roms?t0ken=1",
        ] {
            let mut shown = vec![ShownAddress::of_text(text).to_string()];
            match Address::of_user(text) {
                Ok(address) => {
                    let file = address.join("igd.rom");
                    shown.extend([
                        address.shown().to_string(),
                        format!("{address:?}"),
                        file.shown().to_string(),
                    ]);
                }
                Err(error) => shown.push(error.to_string()),
            }
            for line in &shown {
                assert!(!SECRETS.iter().any(|secret| line.contains(secret)), "{text}: {line}");
            }
        }
        let address =
            Address::of_user("https://user:passw0rd@mirror.example:8443/roms?t0ken=1").unwrap();
        assert_eq!(address.shown().to_string(), "https://mirror.example:8443/roms");
    }

    #[test]
    fn a_file_is_joined_to_the_path() {
        for (mirror, file) in [
            ("https://m.example", "https://m.example/a.rom"),
            ("https://m.example/roms", "https://m.example/roms/a.rom"),
            ("https://m.example/roms/", "https://m.example/roms/a.rom"),
            ("https://u:p@m.example/roms/?t=1&u=/x", "https://u:p@m.example/roms/a.rom?t=1&u=/x"),
        ] {
            let Address::Web { url, .. } = Address::of_user(mirror).unwrap().join("a.rom") else {
                panic!("{mirror}")
            };
            assert_eq!(url.as_str(), file);
        }
        assert_eq!(
            Address::of_user("file:///srv/roms").unwrap().join("a.rom"),
            Address::File("/srv/roms/a.rom".into())
        );
    }

    #[test]
    fn only_the_user_may_name_http_and_files() {
        assert!(Address::of_catalog("http://m.example/a.rom").is_err());
        assert!(Address::of_catalog("file:/a.rom").is_err());
        assert!(Address::of_user("http://m.example/a.rom").is_ok());
        assert!(Address::of_user("ftp://m.example/a.rom").is_err());
    }
}
