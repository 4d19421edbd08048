-- The default encodings are UTF-8 for handles, files and foreign strings; and a String that is
-- no valid text goes to C and back unchanged (file system encoding).
module Main (main) where

import Foreign
import Foreign.C
import GHC.IO.Encoding
import qualified GHC.Foreign as GF

main :: IO ()
main = do
  getLocaleEncoding >>= print
  getFileSystemEncoding >>= print . takeWhile (/= '/') . show
  getForeignEncoding >>= print . takeWhile (/= '/') . show
  withCStringLen "é→😀" (\(p, n) -> peekArray n (castPtr p :: Ptr Word8)) >>= print
  fs <- getFileSystemEncoding
  back <- withArrayLen [97, 255, 98] (\n p -> GF.peekCStringLen fs (castPtr (p :: Ptr Word8), n))
  GF.withCStringLen fs back (\(p, n) -> peekArray n (castPtr p :: Ptr Word8)) >>= print
  withCWString "λx" peekCWString >>= putStrLn
  print (castCharToCChar 'a', sizeOf (undefined :: CWchar))
