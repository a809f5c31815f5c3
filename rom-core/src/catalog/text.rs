//! Values that a catalog holds as text: how they are read and written.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Whether `name` can be a file name in any folder and the end of any address.
pub(super) fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with(['.', '-'])
        && name.bytes().all(plain)
}

pub(super) fn plain_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if is_plain_name(&name) { Ok(name) } else { Err(D::Error::custom("not a plain file name")) }
}

/// Whether `text` is a day such as `2026-11-25`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |text: &&str, digits: usize| {
        let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| text.parse::<u16>().ok()).flatten()
    };
    let [year, month, day] = parts.as_slice() else { return false };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let date = String::deserialize(deserializer)?;
    if is_date(&date) {
        Ok(Some(date))
    } else {
        Err(D::Error::custom("not a day such as 2026-11-25"))
    }
}

fn id<E: serde::de::Error>(text: &str) -> Result<u16, E> {
    crate::model::hex_u16(text).map_err(|_| E::custom("not a device id in hex"))
}

/// A device id as four hex digits.
pub(super) mod hex_id {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::catalog) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u16, D::Error> {
        super::id(&String::deserialize(deserializer)?)
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(in crate::catalog) fn serialize<S: Serializer>(
        id: &u16,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{id:04x}"))
    }
}

/// A device id as four hex digits, or none.
pub(super) mod optional_hex_id {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::catalog) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u16>, D::Error> {
        Option::<String>::deserialize(deserializer)?.as_deref().map(super::id).transpose()
    }

    #[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde's signature")]
    pub(in crate::catalog) fn serialize<S: Serializer>(
        id: &Option<u16>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => super::hex_id::serialize(id, serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// Device ids as four hex digits each.
pub(super) mod hex_ids {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// One of them, in its place.
    #[derive(Deserialize, Serialize)]
    struct Id(#[serde(with = "super::hex_id")] u16);

    pub(in crate::catalog) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u16>, D::Error> {
        Ok(Vec::<Id>::deserialize(deserializer)?.into_iter().map(|Id(id)| id).collect())
    }

    pub(in crate::catalog) fn serialize<S: Serializer>(
        ids: &[u16],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        ids.iter().map(|id| Id(*id)).collect::<Vec<Id>>().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in
            ["", "../a.rom", "a/b.rom", ".hidden", "-x", "a b", "a\u{202e}b", &"a".repeat(129)]
        {
            assert!(!is_plain_name(name), "{name:?}");
        }
        assert!(is_plain_name("RKL_TGL_ADL_RPL_GOPv17.1_igd.rom"));
    }

    #[test]
    fn a_date_is_a_day() {
        assert!(is_date("2026-11-25"));
        for text in ["", "2026", "2026-13-01", "2026-00-01", "2026-11-32", "26-11-25", "2026-11-+5"]
        {
            assert!(!is_date(text), "{text:?}");
        }
    }
}
