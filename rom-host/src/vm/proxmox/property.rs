//! Property strings of Proxmox VE, `key=value,key=value` with one default key (pve-common,
//! `src/PVE/JSONSchema.pm`, `parse_property_string`).

/// What a value of a property has to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// 1, on, yes, true, 0, off, no or false.
    Boolean,
    /// A whole number in this range.
    Integer(u64, u64),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// What this function accepts.
    Shape(fn(&str) -> bool),
}

/// A property: its name and what its value has to be.
pub(super) type Property = (&'static str, Kind);

/// The properties of a value: names and values, in the order in which they are.
pub(super) type Properties = Vec<(&'static str, String)>;

/// The value of a property.
pub(super) fn get<'p>(properties: &'p Properties, name: &str) -> Option<&'p str> {
    properties.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
}

/// A boolean as Proxmox VE reads it.
pub(super) fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Some(true),
        "0" | "off" | "no" | "false" => Some(false),
        _ => None,
    }
}

/// Reads `value`. The first of `format` is the default key.
///
/// # Errors
/// Why Proxmox VE refuses the line.
pub(super) fn read(format: &[Property], value: &str) -> Result<Properties, String> {
    let mut properties: Properties = Vec::new();
    let mut default_used = false;
    for part in value.split(',').filter(|part| !part.trim().is_empty()) {
        let (name, kind, text) = match part.split_once('=') {
            Some((name, text)) if !name.is_empty() && !text.is_empty() => {
                let Some((name, kind)) = format.iter().find(|(own, _)| *own == name) else {
                    return Err(format!("it has no option {name:?}"));
                };
                (*name, *kind, text)
            }
            Some(_) => return Err(format!("{part:?} has no name or no value")),
            None => {
                let Some((name, kind)) = format.first() else {
                    return Err("it is empty".to_owned());
                };
                if std::mem::replace(&mut default_used, true) {
                    return Err(format!("{part:?} has no name"));
                }
                (*name, *kind, part)
            }
        };
        if get(&properties, name).is_some() {
            return Err(format!("{name} is given twice"));
        }
        if !fits(kind, text) {
            return Err(format!("{text:?} is not a value of {name}"));
        }
        properties.push((name, text.to_owned()));
    }
    Ok(properties)
}

fn fits(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Boolean => boolean(text).is_some(),
        Kind::Integer(least, most) => {
            text.parse().is_ok_and(|number: u64| (least..=most).contains(&number))
        }
        Kind::Enum(words) => words.contains(&text),
        Kind::Shape(accepts) => accepts(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &[Property] = &[
        ("host", Kind::Shape(|text| text.starts_with("00:"))),
        ("pcie", Kind::Boolean),
        ("memory", Kind::Integer(4, 512)),
        ("kind", Kind::Enum(&["a", "b"])),
    ];

    #[test]
    fn the_default_key_can_be_anywhere() {
        for value in ["00:02,pcie=on", "pcie=on,00:02", "pcie=on,host=00:02", ",00:02,,pcie=on,"] {
            let properties = read(FORMAT, value).unwrap();
            assert_eq!(get(&properties, "host"), Some("00:02"), "{value}");
            assert_eq!(get(&properties, "pcie").and_then(boolean), Some(true), "{value}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for value in [
            "00:02,host=00:03",
            "00:02,00:03",
            "01:00",
            "00:02,pcie",
            "00:02,pcie=y",
            "00:02,pcie=",
            "00:02, pcie=1",
            "00:02,x=1",
            "00:02,memory=1024",
            "00:02,kind=c",
            "00:02,pcie=1,pcie=1",
        ] {
            assert!(read(FORMAT, value).is_err(), "{value}");
        }
    }
}
