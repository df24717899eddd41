// In a window over a page that has just changed.
window.parent.location.reload();
