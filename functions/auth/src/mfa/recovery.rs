//! Recovery codes: ten of 80 bits, shown once, each good once.

use totp_rs::Secret;
use web::App;

use crate::secret_text::{hash, same};

const CODES: usize = 10;

/// New ones, as their holder writes them down.
pub(crate) fn codes(app: &App) -> Vec<String> {
    (0..CODES).map(|_| written(app.platform().random())).collect()
}

fn written(random: [u8; 10]) -> String {
    let text = Secret::from(random).to_base32().to_lowercase();
    let quarters: Vec<&str> = (0..4).map(|quarter| &text[quarter * 4..quarter * 4 + 4]).collect();
    quarters.join("-")
}

/// What is kept of a code, however it is typed.
pub(crate) fn kept(code: &str) -> String {
    let typed: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hash(&typed.to_lowercase())
}

/// Where a code stands among those that are left. Each is compared.
pub(crate) fn place(left: &[String], code: &str) -> Option<usize> {
    let shown = kept(code);
    left.iter().enumerate().fold(None, |found, (place, one)| if same(one, &shown) { Some(place) } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let codes: Vec<String> = (0..3).map(|number| written([number; 10])).collect();
        assert_eq!(codes[0], "aaaa-aaaa-aaaa-aaaa");
        let left: Vec<String> = codes.iter().map(|code| kept(code)).collect();
        assert_eq!(place(&left, &codes[1].to_uppercase().replace('-', " ")), Some(1));
        assert_eq!(place(&left, "aaaa"), None);
    }
}
