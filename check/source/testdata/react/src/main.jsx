import { createRoot } from 'react-dom/client'
import Quote from './pages/Quote'

createRoot(document.getElementById('root')).render(<Quote />)
