/** What sheets are drawn with: loaded with the pages that print, and by no other. The font is embedded in what is printed. */
import '@fontsource-variable/noto-sans-sc'
import '../styles/prints.css'
import '../styles/labels.css'
import '../styles/forms.css'
