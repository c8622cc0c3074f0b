use super::date::Shown;
use super::package::Package;
use super::xml::{Node, attribute};
use crate::SheetError;
use std::collections::HashMap;

/// Cell formats a workbook may have ("Excel specifications and limits": 65,490).
const MAX_FORMATS: usize = 65_536;

/// For each cell format whether it shows a moment, and what of it.
#[derive(Default)]
pub(super) struct Formats(Vec<Option<Shown>>);

impl Formats {
    pub(super) fn read(package: &mut Package<'_>, name: Option<&str>) -> Result<Self, SheetError> {
        let mut formats = Vec::new();
        let Some(mut part) = name.map(|name| package.part(name)).transpose()?.flatten() else {
            return Ok(Self::default());
        };
        let mut codes: HashMap<u32, Option<Shown>> = HashMap::new();
        let mut in_cell_formats = false;
        while let Some(node) = part.next()? {
            match node {
                Node::Start(element) => match element.local_name().as_ref() {
                    "cellXfs" => in_cell_formats = true,
                    "numFmt" => {
                        let id = attribute(&element, "numFmtId")?.and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")?) {
                            codes.insert(id, shown_by(&code));
                        }
                    }
                    "xf" if in_cell_formats => {
                        let id = attribute(&element, "numFmtId")?.and_then(|id| id.parse().ok()).unwrap_or(0);
                        formats.push(codes.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Node::End(element) if element.local_name().as_ref() == "cellXfs" => {
                    in_cell_formats = false;
                }
                _ => {}
            }
            if formats.len().max(codes.len()) > MAX_FORMATS {
                return Err(SheetError::damaged("it has more formats than a workbook can have"));
            }
        }
        package.spend(&part);
        Ok(Self(formats))
    }

    /// What the format of that index shows of a moment, if it shows one.
    pub(super) fn shown(&self, index: usize) -> Option<Shown> {
        self.0.get(index).copied().flatten()
    }
}

/// The formats every workbook knows by number (ECMA-376 part 1, 18.8.30), the East Asian ones included.
fn built_in(id: u32) -> Option<Shown> {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Some(Shown::Date),
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Some(Shown::Time),
        22 => Some(Shown::DateTime),
        46 => Some(Shown::Elapsed),
        _ => None,
    }
}

/// What a format code shows, by its first section (ECMA-376 part 1, 18.8.31). `m` is the month, and
/// minutes only beside hours or seconds.
fn shown_by(code: &str) -> Option<Shown> {
    let (mut date, mut time, mut month) = (false, false, false);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            ';' => break,
            '"' => {
                letters.by_ref().find(|next| *next == '"');
            }
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|next| *next != ']').collect();
                let unit = inside.to_ascii_lowercase();
                if !unit.is_empty() && ["h", "m", "s"].iter().any(|letter| unit.replace(letter, "").is_empty()) {
                    return Some(Shown::Elapsed);
                }
            }
            'd' | 'y' => date = true,
            'h' | 's' => time = true,
            'm' => month = true,
            'g' if letters.as_str().to_ascii_lowercase().starts_with("eneral") => {
                letters.nth("eneral".len() - 1);
            }
            _ => {}
        }
    }
    match (date, time) {
        (true, true) => Some(Shown::DateTime),
        (true, false) => Some(Shown::Date),
        (false, true) => Some(Shown::Time),
        (false, false) => month.then_some(Shown::Date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_code_tells_what_it_shows() {
        for (code, shown) in [
            ("yyyy-mm-dd", Some(Shown::Date)),
            ("DD/MM/YY", Some(Shown::Date)),
            ("mmm", Some(Shown::Date)),
            ("[$-F800]dddd, mmmm dd, yyyy", Some(Shown::Date)),
            ("h:mm AM/PM", Some(Shown::Time)),
            ("mm:ss", Some(Shown::Time)),
            ("d/m/yyyy h:mm;@", Some(Shown::DateTime)),
            ("[h]:mm:ss", Some(Shown::Elapsed)),
            ("[mm]", Some(Shown::Elapsed)),
            ("General", None),
            ("0.00E+00", None),
            ("#,##0 \"days\"", None),
            ("0.0_);[Red]0.0\\d", None),
            ("#,##0*y", None),
            ("[$₹-4009] #,##0.00", None),
            ("0;yyyy", None),
            ("@", None),
        ] {
            assert_eq!(shown_by(code), shown, "{code}");
        }
    }
}
