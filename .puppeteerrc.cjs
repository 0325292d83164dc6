// The browser is Debian's chromium or the one that the settings name: nothing downloads at install time.
module.exports = { skipDownload: true };
