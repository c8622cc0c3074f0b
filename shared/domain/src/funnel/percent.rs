//! Per cent, to one decimal.

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// Per cent with one decimal, rounded half away from zero: a JSON number such as `43.4`. Of nothing,
/// every share is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    tenths: i32,
}

impl Percent {
    /// How many per cent of `whole` are `part`.
    pub fn share(part: u64, whole: u64) -> Self {
        Self::ratio(part.into(), whole.into())
    }

    /// By how many per cent `now` is more than `before`; 0 where there was nothing before.
    pub fn change(now: u64, before: u64) -> Self {
        Self::ratio(i128::from(now) - i128::from(before), before.into())
    }

    /// By how many per cent one share (a part and its whole) is more than an earlier one: from the
    /// exact shares, not from rounded ones.
    pub fn change_of_share(now: (u64, u64), before: (u64, u64)) -> Self {
        let of_nothing_is_none = |(part, whole): (u64, u64)| match whole {
            0 => (0, 1),
            _ => (i128::from(part), i128::from(whole)),
        };
        let ((part, whole), (old_part, old_whole)) = (of_nothing_is_none(now), of_nothing_is_none(before));
        let (new, old) = (part.saturating_mul(old_whole), old_part.saturating_mul(whole));
        Self::ratio(new.saturating_sub(old), old)
    }

    /// How many percentage points this is more than another.
    #[must_use]
    pub const fn points_above(self, other: Self) -> Self {
        Self { tenths: self.tenths.saturating_sub(other.tenths) }
    }

    /// Tenths of a per cent.
    pub const fn tenths(self) -> i32 {
        self.tenths
    }

    fn ratio(part: i128, whole: i128) -> Self {
        if whole <= 0 {
            return Self::default();
        }
        let doubled = part.saturating_mul(2_000);
        let rounded = doubled.saturating_add(whole * part.signum()) / whole.saturating_mul(2);
        let bound = if part < 0 { i32::MIN } else { i32::MAX };
        Self { tenths: i32::try_from(rounded).unwrap_or(bound) }
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.tenths) / 10.0)
    }
}

impl utoipa::PartialSchema for Percent {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("Per cent with one decimal."))
            .examples([serde_json::json!(43.4)])
            .into()
    }
}

impl utoipa::ToSchema for Percent {}
