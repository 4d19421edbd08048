-- A record with its own Storable instance, in arrays, with the sizes and alignments of C.
module Main (main) where

import Foreign
import Foreign.C

data Point = Point { px :: Int32, py :: Double, tag :: Word8 } deriving (Show, Eq)
instance Storable Point where
  sizeOf _ = 24
  alignment _ = 8
  peek p = Point <$> peekByteOff p 0 <*> peekByteOff p 8 <*> peekByteOff p 16
  poke p (Point x y t) = pokeByteOff p 0 x >> pokeByteOff p 8 y >> pokeByteOff p 16 t

main :: IO ()
main = do
  let ps = [Point n (fromIntegral n / 4) (fromIntegral n) | n <- [-3 .. 3]]
  qs <- withArrayLen ps (\n p -> peekArray n p)
  print (qs == ps)
  print (last qs)
  print (sizeOf (0 :: CInt), sizeOf (0 :: CLong), sizeOf 'x', sizeOf (0 :: Double), sizeOf nullPtr, sizeOf True)
  print (alignment (0 :: CShort), alignment (0 :: CSize), alignment (0 :: Float))
  alloca $ \p -> poke p (nullPtr `plusPtr` 16 :: Ptr ()) >> peek p >>= print
  alloca $ \p -> poke p 'λ' >> peek (castPtr p :: Ptr Word32) >>= print
  print (castPtrToFunPtr nullPtr == (nullFunPtr :: FunPtr ()))
  print (byteSwap32 0x01020304, popCount (255 :: Word16), (minBound, maxBound) :: (Int16, Int16))
