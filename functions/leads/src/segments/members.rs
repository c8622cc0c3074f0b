//! The leads of a segment that somebody reaches.

use domain::segment::Audience;
use domain::{FieldInvalid, Grant, Segment};
use store::{AudiencePage, AudienceQuery};
use web::{App, Page, Problem};

use super::body::known;

/// The leads of a page, at the cost of [`Table::audience`](store::Table::audience).
pub(crate) async fn members(app: &App, grant: &Grant, segment: &Segment, page: &Page) -> Result<AudiencePage, Problem> {
    if let Audience::Criteria(_) = &segment.audience {
        // Who does not see a field must not find out what is in it by a segment of others.
        known(app, grant, &segment.audience).await?;
    }
    let Page { limit, skip, cursor, newest_first } = page.clone();
    let asked = AudienceQuery { cursor, skip, limit, newest_first, until: None };
    let found = app.table().audience(grant, &segment.audience, &asked, app.now(), app.pipeline(grant));
    Ok(Box::pin(found).await?)
}

/// What a wrong page says.
pub(crate) fn refused(wrong: Vec<FieldInvalid>) -> Result<(), Problem> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}
