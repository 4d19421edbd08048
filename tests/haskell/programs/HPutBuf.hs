-- hPutBuf writes raw bytes between text, in order. Catches a byte path that overtakes the text
-- buffer.
module Main (main) where

import Foreign
import System.IO

main :: IO ()
main = do
  putStr "text, "
  withArrayLen (map (fromIntegral . fromEnum) "raw bytes, ") $ \n p -> hPutBuf stdout (p :: Ptr Word8) n
  putStr "text again\n"
  allocaBytes 9000 $ \p -> do
    pokeArray p (take 9000 (cycle (map (fromIntegral . fromEnum) (['a' .. 'z'] ++ "\n")))) 
    hPutBuf stdout (p :: Ptr Word8) 8991
  hPutBuf stdout nullPtr 0
  hFlush stdout
  putStrLn "done"
