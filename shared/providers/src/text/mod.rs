//! Text messages (SMS). Each provider is a [`TextSender`].

mod msg91;
mod twilio;

use crate::SendError;

pub use msg91::Msg91;
pub use twilio::{Twilio, TwilioSender};

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Our id of it: the same at each try, for providers that tell repeats by it.
    pub id: String,
    /// Who gets it: a number in the form of E.164.
    pub to: String,
    /// Its text. A provider that writes messages from its own templates does not read it.
    pub text: String,
    /// The sender it goes under, where the account has more than one; else the one that the provider is set to.
    pub sender: Option<String>,
    /// The template that it was written from, for providers that take nothing else.
    pub template: Option<TextTemplate>,
}

/// A text that a provider holds, registered beforehand where the law asks for it: in India with the operators' registry (DLT).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTemplate {
    /// The provider's own id of it.
    pub id: String,
    /// What stands in its places, by their names.
    pub values: Vec<(String, String)>,
}

/// Hands text messages to a provider.
#[async_trait::async_trait]
pub trait TextSender: std::fmt::Debug + Send + Sync {
    /// Hands one over and returns the provider's id of it.
    async fn send(&self, text: &TextMessage) -> Result<String, SendError>;
}

/// The digits of a number in the form of E.164: up to 15, the first of them no zero.
///
/// <https://www.itu.int/rec/T-REC-E.164>
pub(crate) fn digits(number: &str) -> Result<&str, SendError> {
    let refused = || SendError::Refused("the number is not in the form of E.164".to_owned());
    let digits = number.strip_prefix('+').ok_or_else(refused)?;
    let good = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if good { Ok(digits) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_of_e_164_or_refused_without_being_told() {
        assert_eq!(digits("+919876543210"), Ok("919876543210"));
        for bad in ["919876543210", "+0123456789", "+91 98765 43210", "+12345678901234567", "+", ""] {
            let Err(SendError::Refused(why)) = digits(bad) else { panic!("{bad}") };
            assert!(!why.contains("98765"), "{why}");
        }
    }
}
