-- stdout switched to char8 and back to UTF-8: bytes written as characters make the same text.
-- Also encodes in memory by GHC.Foreign.
module Main (main) where

import Control.Exception
import Foreign
import qualified GHC.Foreign as GF
import System.IO

main :: IO ()
main = do
  putStrLn "zwölf"
  hSetEncoding stdout char8
  putStrLn "zw\195\182lf"
  hSetEncoding stdout utf8
  putStrLn "zwölf"
  mapM_ bytes [utf8, utf16le, utf16be, utf32le, latin1]
  r <- try (GF.withCStringLen latin1 "日" (return . snd))
  putStrLn (either (\e -> "error: " ++ show (e :: IOException)) show r)
  hSetNewlineMode stdout noNewlineTranslation
  putStrLn "end"
  where
    bytes enc = GF.withCStringLen enc "aé" $ \(p, n) -> do
      bs <- peekArray n (castPtr p :: Ptr Word8)
      putStrLn (show enc ++ " " ++ show bs)
