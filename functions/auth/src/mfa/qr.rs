//! A text as a QR code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use web::Problem;

/// An SVG image as a data URL.
pub(crate) fn data_url(text: &str) -> Result<String, Problem> {
    let code = QRBuilder::new(text).build().map_err(Problem::internal)?;
    Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(SvgBuilder::default().to_str(&code))))
}
