pub(crate) fn run() -> std::io::Result<crate::trial::Result> {
    Ok(crate::trial::Result::default())
}
pub(crate) fn last() -> std::io::Result<Vec<u8>> {
    Ok(Vec::new())
}
